/** The front page: products, a basket, what is in stock now, and a welcome. `front-routes.ts` serves it. */

import { showAccount } from './account.js'
import { showBasket } from './basket.js'
import { followPrices } from './prices.js'
import { showProducts } from './products.js'
import { complain } from './trouble.js'

try {
  const user = await showAccount()
  const basket = showBasket(user)
  const products = await showProducts(basket)
  // What was bought has left the stock: it is seen at once, and not with the next look.
  basket.onOrdered(products.look)
  await followPrices()
} catch (error) {
  complain(error)
}
