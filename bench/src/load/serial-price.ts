/**
 * How a change is recognised: its serial number is the price. Every change of a product has a higher one,
 * and what the shop begins with has none.
 */

/** No product of a new shop is so dear. */
const FIRST_PRICE = 1_000_000
const BEFORE = '"priceCents":'

export function serialOfPrice(priceCents: number): number {
  return Math.max(0, priceCents - FIRST_PRICE)
}

/** Of an answer that shows one product; `undefined` if it shows none. */
export function serialOfAnswer(body: string): number | undefined {
  const at = body.indexOf(BEFORE)
  if (at < 0) return undefined
  const price = Number.parseInt(body.slice(at + BEFORE.length, at + BEFORE.length + 12), 10)
  return Number.isNaN(price) ? undefined : serialOfPrice(price)
}

/** The body of a change. */
export function draftOfSerial(product: number, serial: number): string {
  const name = `Product ${product}`
  return JSON.stringify({ name, category: 'tools', priceCents: priceOfSerial(serial) })
}

function priceOfSerial(serial: number): number {
  return FIRST_PRICE + serial
}
