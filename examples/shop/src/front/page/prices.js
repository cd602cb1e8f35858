/** The stock exchange, at the top: prices that are read by everybody, and outdated soon. */

import { askQuietly } from './ask.js'
import { element, money, show } from './element.js'
import { every } from './every.js'

const SYMBOLS = ['ACME', 'HIVE', 'IRON', 'KITE', 'NOVA']
const LOOK_EVERY_MS = 5_000

export async function followPrices() {
  await look()
  every(LOOK_EVERY_MS, look)
}

/** A price that cannot be had is left out: nobody comes to this page for it. */
async function look() {
  const looks = await Promise.allSettled(SYMBOLS.map((symbol) => askQuietly(`/stocks/${symbol}`)))
  const items = looks.flatMap((outcome) => {
    if (outcome.status === 'rejected') return []
    const { symbol, company, priceCents } = outcome.value.data
    const item = show('li', [show('span', symbol), ` ${money(priceCents)}`])
    item.title = company
    return [item]
  })
  element('prices').replaceChildren(...items)
}
