/** A page of products, and how many of each there are at this moment. */

import { tell } from './answers.js'
import { ask, askQuietly } from './ask.js'
import { button, element, form, money, show } from './element.js'
import { every } from './every.js'
import { calm, complain } from './trouble.js'

/** How often is looked what is in stock. */
const LOOK_EVERY_MS = 2_000
/** The slowest first. */
const TIERS = ['source', 'shared', 'memory']

/** @typedef {{ id: number, name: string, category: string, priceCents: number }} Product */
/** @typedef {{ stock: HTMLElement, add: HTMLButtonElement }} Card */

/** Of the page that is shown, by the product's id. @type {Map<number, Card>} */
const cards = new Map()

/**
 * @param {import('./basket.js').Basket} basket
 * @returns {Promise<{ look: () => Promise<void> }>} `look`: what is in stock, at once.
 */
export async function showProducts(basket) {
  const choice = form('choice')
  let page = 1
  let pages = 1
  const turn = async (/** @type {number} */ to) => {
    const category = choice['category'].value
    const only = category === '' ? '' : `&category=${encodeURIComponent(category)}`
    try {
      const { data } = await ask(`/products?page=${to}${only}`)
      page = to
      pages = Math.max(1, Math.ceil(data.total / data.pageSize))
      choice['page'].value = `Page ${page} of ${pages}`
      choice['back'].disabled = page === 1
      choice['on'].disabled = page >= pages
      draw(data.items, basket)
      calm()
      await look()
    } catch (error) {
      complain(error)
    }
  }
  choice.addEventListener('submit', (event) => event.preventDefault())
  choice['category'].addEventListener('change', () => turn(1))
  choice['back'].addEventListener('click', () => turn(page - 1))
  choice['on'].addEventListener('click', () => turn(page + 1))
  for (const name of (choice.dataset['categories'] ?? '').split(' ').filter(Boolean)) {
    choice['category'].append(new Option(name, name))
  }
  await turn(1)
  every(LOOK_EVERY_MS, look)
  return { look }
}

/**
 * @param {Product[]} products
 * @param {import('./basket.js').Basket} basket
 */
function draw(products, basket) {
  cards.clear()
  const items = products.map((product) => {
    const stock = show('span', '', 'stock')
    const add = button('Add', `Add ${product.name} to the basket`, () => basket.add(product))
    cards.set(product.id, { stock, add })
    const price = show('span', money(product.priceCents), 'price')
    return show('li', [show('strong', product.name), price, stock, add])
  })
  element('products').replaceChildren(...items)
}

/** All of them in one tick, of which the cache makes one request to the source where it has to ask. */
async function look() {
  /** @type {string[]} */
  const tiers = []
  const looks = [...cards].map(async ([id, card]) => {
    const { data, tier } = await askQuietly(`/inventory/${id}`)
    tiers.push(tier)
    card.stock.textContent = data.stock === 0 ? 'sold out' : `${data.stock} in stock`
    card.add.disabled = data.stock === 0
  })
  const outcomes = await Promise.allSettled(looks)
  const failed = outcomes.find(({ status }) => status === 'rejected')
  if (failed?.status === 'rejected') complain(failed.reason)
  const slowest = TIERS.find((tier) => tiers.includes(tier)) ?? 'memory'
  const counts = TIERS.map((tier) => [tier, tiers.filter((other) => other === tier).length])
  const words = counts.filter(([, count]) => count !== 0).map(([tier, count]) => `${tier} ${count}`)
  tell(`GET /inventory/… of ${cards.size} products`, slowest, words.join(', '))
}
