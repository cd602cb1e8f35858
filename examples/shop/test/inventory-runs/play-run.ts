/**
 * One run: buyers who all want the same two things, on instances of which one is killed in the middle.
 * Afterwards what they were told has to agree with the books, and every instance shows them.
 */

import { until } from '../../../../test/servers/until.ts'
import { SeededNumbers } from '../../src/database/seeded-numbers.ts'
import { Buyer } from './buyer.ts'
import type { Crew } from './crew.ts'
import { type Books, judge, type StoredChange, type StoredOrder } from './judge.ts'
import type { Site } from './site.ts'

export interface RunParts {
  readonly site: Site
  readonly crew: Crew
  /** From 1; also the seed of what the buyers want. */
  readonly run: number
  /** Of each product: how many there ever were. */
  readonly totals: ReadonlyMap<number, number>
  /** Resolves when one of the instances was killed, and another answers in its place. */
  readonly replaced: Promise<void>
}

export interface RunReport {
  readonly findings: readonly string[]
  readonly done: number
  readonly refused: number
  readonly ordered: number
  /** Requests that were sent again, since the first answer never came. */
  readonly again: number
  /** Until the last instance has shown what the books have. */
  readonly shownAfterMs: number
}

const BUYERS = 12
/** A writer that died in the middle of a change is waited for as long as its own time was, and 2 s. */
const SHOWN_WITHIN_MS = 15_000
const USERS = 1_000

export async function playRun(parts: RunParts): Promise<RunReport> {
  const { site, crew, run, totals, replaced } = parts
  const numbers = new SeededNumbers(run)
  const ids = [...totals.keys()]
  const at = (2 * run) % (ids.length - 1)
  const productIds = [ids[at] ?? 1, ids[at + 1] ?? 2] as const
  const before = await booksOf(site, productIds)
  // So that there is enough for about half of them.
  const quantities = new Map(
    before.map(({ productId, stock }) => [productId, Math.max(1, Math.ceil(stock / 6))]),
  )
  const [{ latest = 0 } = {}] = await site.sql<{ latest: number }>(
    'SELECT coalesce(max(id), 0) AS latest FROM orders',
  )
  const buyers = Array.from({ length: BUYERS }, (_, n) => {
    return new Buyer({
      name: `run-${run}-${n}`,
      userId: 1 + ((run * BUYERS + n) % USERS),
      productIds,
      quantities,
      numbers,
      instances: () => crew.instances,
    })
  })
  await Promise.all([replaced, ...buyers.map((buyer) => buyer.buy())])

  const asked = buyers.flatMap(({ changes }) => changes)
  const given = buyers.flatMap(({ orders }) => orders)
  const findings = judge({
    totals,
    books: await booksOf(site, productIds),
    changes: await site.sql<StoredChange>(
      `SELECT * FROM "inventoryChanges" WHERE id LIKE 'run-${run}-%'`,
    ),
    orders: await site.sql<StoredOrder>(
      `SELECT id, "userId" FROM orders
      WHERE id > ${latest} AND "userId" IN (${given.map(({ userId }) => userId).join(', ') || 0})`,
    ),
    asked,
    given,
    leastSeen: Math.min(...buyers.map(({ leastSeen }) => leastSeen)),
  })
  const endedAt = performance.now()
  const notShown = await untilShown(parts, productIds)
  return {
    findings: [...findings, ...notShown],
    done: asked.filter(({ outcome }) => outcome === 'done').length,
    refused: asked.filter(({ outcome }) => outcome === 'refused').length,
    ordered: given.filter(({ id }) => typeof id === 'number').length,
    again: buyers.reduce((sum, { again }) => sum + again, 0),
    shownAfterMs: performance.now() - endedAt,
  }
}

/** Of all changes and all orders there ever were. */
async function booksOf(site: Site, productIds: readonly number[]): Promise<readonly Books[]> {
  const sum = (of: string): string =>
    `(SELECT CAST(coalesce(sum(quantity), 0) AS DOUBLE PRECISION) FROM ${of}
      WHERE "productId" = inventory."productId")`
  return await site.sql<Books>(
    `SELECT "productId", stock, reserved, ${sum('"inventoryChanges"')} AS changed,
      ${sum('"orderLines"')} AS ordered
    FROM inventory WHERE "productId" IN (${productIds.join(', ')})`,
  )
}

/** By every instance, also the one that has come in the place of the dead. */
async function untilShown(
  { site, crew }: RunParts,
  productIds: readonly number[],
): Promise<readonly string[]> {
  const shown = crew.instances.map(async ({ name, url }) => {
    const agrees = async (): Promise<boolean> => {
      // Of an order that was under way when its instance died, the books may hear a moment later.
      const books = await booksOf(site, productIds)
      for (const { productId, stock, reserved } of books) {
        const response = await fetch(`${url}/inventory/${productId}`)
        const { data } = (await response.json()) as { readonly data?: Partial<Books> }
        if (data?.stock !== stock || data.reserved !== reserved) return false
      }
      return true
    }
    try {
      await until('the stock is shown', agrees, { withinMs: SHOWN_WITHIN_MS })
      return []
    } catch {
      return [`${name} does not show what is in stock`]
    }
  })
  return (await Promise.all(shown)).flat()
}
