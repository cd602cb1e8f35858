/** What the buyers were told, held against what the database has, and what the instances show. */

import type { GivenOrder, NamedChange } from './buyer.ts'

/** Of one product, as the database has it. */
export interface Books {
  readonly productId: number
  readonly stock: number
  readonly reserved: number
  /** Of all changes that stand in the books, together. */
  readonly changed: number
  /** Of all lines of all orders, together. */
  readonly ordered: number
}

export interface StoredChange {
  readonly id: string
  readonly productId: number
  readonly quantity: number
}

export interface StoredOrder {
  readonly id: number
  readonly userId: number
}

export interface Evidence {
  /** Of each product: how many there ever were. */
  readonly totals: ReadonlyMap<number, number>
  readonly books: readonly Books[]
  readonly changes: readonly StoredChange[]
  /** Given since the run began, by its buyers. */
  readonly orders: readonly StoredOrder[]
  readonly asked: readonly NamedChange[]
  readonly given: readonly GivenOrder[]
  /** The least that anybody was told to be in stock, or reserved. */
  readonly leastSeen: number
}

/** What is wrong, in words; empty where nothing is. */
export function judge(evidence: Evidence): readonly string[] {
  return [
    ...judgeBooks(evidence),
    ...judgeChanges(evidence),
    ...judgeOrders(evidence),
    ...(evidence.leastSeen < 0 ? [`somebody was told of ${evidence.leastSeen} in stock`] : []),
  ]
}

function judgeBooks({ totals, books }: Evidence): string[] {
  return books.flatMap(({ productId, stock, reserved, changed, ordered }) => {
    const wrong: string[] = []
    const of = `of product ${productId}`
    if (stock < 0 || reserved < 0) wrong.push(`${stock} in stock and ${reserved} reserved ${of}`)
    if (reserved !== changed) wrong.push(`${reserved} reserved ${of}, by the books ${changed}`)
    const total = totals.get(productId)
    if (stock + reserved + ordered !== total) {
      wrong.push(`${stock} + ${reserved} reserved + ${ordered} sold ${of} are not ${total}`)
    }
    return wrong
  })
}

function judgeChanges({ changes, asked }: Evidence): string[] {
  const stored = new Map(changes.map((change) => [change.id, change]))
  return asked.flatMap(({ request, productId, quantity, outcome }) => {
    const found = stored.get(request)
    if (outcome === 'refused') {
      return found && found.quantity !== 0 ? [`${request} was refused, and carried out`] : []
    }
    if (found?.productId === productId && found.quantity === quantity) return []
    return [`${request} was acknowledged as ${quantity}, and is ${found?.quantity ?? 'not there'}`]
  })
}

function judgeOrders({ orders, given }: Evidence): string[] {
  const stored = new Set(orders.map(({ id }) => id))
  const wrong = given.flatMap(({ id }) =>
    typeof id === 'number' && !stored.has(id)
      ? [`order ${id} was confirmed, and is not there`]
      : [],
  )
  for (const userId of new Set(given.map((order) => order.userId))) {
    const count = (of: readonly { readonly userId: number }[]): number =>
      of.filter((order) => order.userId === userId).length
    const possible = count(given.filter(({ id }) => id !== 'refused'))
    if (count(orders) > possible)
      wrong.push(`${count(orders)} orders of ${userId}, not ${possible}`)
  }
  return wrong
}
