/** What one is about to buy. It is here alone until it is ordered. */

import { ask } from './ask.js'
import { button, element, money, show } from './element.js'
import { calm, complain } from './trouble.js'

/** @typedef {import('./products.js').Product} Product */
/** @typedef {{ add: (product: Product) => void, onOrdered: (tell: () => unknown) => void }} Basket */

/** As many as an order may have, of products and of pieces of each. */
const LINES_MAX = 20
const PIECES_MAX = 100

/**
 * @param {import('./account.js').User} user
 * @returns {Basket}
 */
export function showBasket(user) {
  /** @type {Map<number, { product: Product, quantity: number }>} */
  const lines = new Map()
  /** @type {(() => unknown)[]} */
  const listeners = []
  const order = /** @type {HTMLButtonElement} */ (element('order'))
  let ordering = false

  const draw = () => {
    const items = [...lines.values()].map(({ product, quantity }) => {
      const { name, priceCents } = product
      const words = show('span', `${quantity} × ${name}`)
      const less = button('−', `One ${name} less`, () => change(product, -1))
      const more = button('+', `One ${name} more`, () => change(product, 1))
      return show('li', [words, less, more, show('span', money(quantity * priceCents), 'price')])
    })
    element('basket').replaceChildren(...items)
    const cents = [...lines.values()].map(({ product, quantity }) => quantity * product.priceCents)
    element('total').textContent = money(cents.reduce((total, part) => total + part, 0))
    order.disabled = ordering || lines.size === 0 || user.id() === undefined
    order.title = user.id() === undefined ? 'Register first' : ''
  }
  const change = (/** @type {Product} */ product, /** @type {number} */ by) => {
    const quantity = Math.min((lines.get(product.id)?.quantity ?? 0) + by, PIECES_MAX)
    if (quantity <= 0) lines.delete(product.id)
    else if (lines.has(product.id) || lines.size < LINES_MAX) {
      lines.set(product.id, { product, quantity })
    } else complain(new Error(`An order has ${LINES_MAX} products at most.`))
    draw()
  }
  order.addEventListener('click', async () => {
    ordering = true
    draw()
    try {
      await place(user.id(), [...lines.values()])
      lines.clear()
      calm()
      for (const tell of listeners) tell()
    } catch (error) {
      complain(error)
    }
    ordering = false
    draw()
  })
  user.onKnown(draw)
  draw()
  return { add: (product) => change(product, 1), onOrdered: (tell) => listeners.push(tell) }
}

/**
 * Gives the order, and shows the page that confirms it.
 *
 * @param {number | undefined} userId
 * @param {{ product: Product, quantity: number }[]} lines
 */
async function place(userId, lines) {
  const items = lines.map(({ product, quantity }) => ({ productId: product.id, quantity }))
  const placed = await ask('/orders', { userId, items })
  const { data, cached } = await ask(`/orders/${placed.data.id}`)
  const from = cached ? 'The confirmation was ready.' : 'The confirmation was made just now.'
  const words = `Order ${data.id} is on its way: ${data.lines.length} products, ${money(data.totalCents)}. ${from}`
  element('confirmation').textContent = words
}
