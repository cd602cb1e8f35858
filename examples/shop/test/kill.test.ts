/**
 * The shop is killed again and again while it serves and changes products.
 *
 * Each time its files must open, nothing that was acknowledged may be missing, and every product
 * that is served, before and after, must match its own fingerprint. `KILLS` says how often.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { fingerprint } from '../src/products/fingerprint.ts'
import type { Product } from '../src/products/product.ts'
import type { StatusReport } from '../src/status/status-report.ts'
import { newFolder } from './new-folder.ts'
import { productDraft } from './product-draft.ts'
import { startShop } from './start-shop.ts'

const KILLS = Number(process.env['KILLS'] ?? 5)
const SECONDS_A_KILL = 20
const READERS = 3
const WRITERS = 2
/** Few products, so that each is read and changed in the moment of many kills. */
const HOT = 8
const LIFE_MS = { least: 60, spread: 300 }
const PRODUCTS = 40

/** What the clients together know of the shop; it outlives every process. */
class Ledger {
  /** Of each product, a revision that the shop acknowledged. Nothing may show an older one. */
  readonly #acknowledged = new Map<number, number>()
  /**
   * The latest revision that anybody saw, which may be that of a change whose writer was killed
   * before it could acknowledge it. The product itself never goes back behind it. A list may: it is
   * loaded from the source, which has the change a second later, or when the next process writes it.
   */
  readonly #seen = new Map<number, number>()
  served = 0
  acknowledgements = 0
  /** Answers that the shared tier gave: what outlives the processes. */
  fromShared = 0

  acknowledgedRevision(id: number): number {
    return this.#acknowledged.get(id) ?? 1
  }

  seenRevision(id: number): number {
    return this.#seen.get(id) ?? 1
  }

  /** A change was acknowledged that was asked for when `before` had been seen. */
  acknowledge(id: number, before: number): void {
    this.acknowledgements += 1
    this.#acknowledged.set(id, Math.max(this.acknowledgedRevision(id), before + 1))
    this.#seen.set(id, Math.max(this.seenRevision(id), before + 1))
  }

  /**
   * A product in a list. It is no floor for the product itself: the source shows a change to whoever
   * lists it before the change has ended, and until then its copy in memory may be served.
   *
   * @throws if the product is torn, or older than `floor`.
   */
  checkCopy(product: Product, floor: number, where: string): void {
    this.served += 1
    expect(product.fingerprint, where).toBe(fingerprint(product))
    expect(product.revision, `product ${product.id} in ${where}`).toBeGreaterThanOrEqual(floor)
  }

  /** @throws as `checkCopy`. */
  check(product: Product, floor: number, where: string): void {
    this.checkCopy(product, floor, where)
    this.#seen.set(product.id, Math.max(this.seenRevision(product.id), product.revision))
  }
}

/** Answers `undefined` once the shop is dead; that is what it is there for. */
async function ask(url: string, init: RequestInit = {}): Promise<Response | undefined> {
  try {
    const response = await fetch(url, init)
    const body = await response.text()
    const status = response.status
    return new Response(body, { status, headers: response.headers })
  } catch {
    return undefined
  }
}

function anyHotId(): number {
  return 1 + Math.floor(Math.random() * HOT)
}

/** Most of these nobody changes: they stay in the shared tier from one process to the next. */
function anyId(): number {
  return 1 + Math.floor(Math.random() * PRODUCTS)
}

async function read(address: string, ledger: Ledger, id: number): Promise<boolean> {
  const floor = ledger.seenRevision(id)
  const answer = await ask(`${address}/products/${id}`)
  if (answer === undefined) return false
  expect(answer.status).toBe(200)
  const timing = answer.headers.get('server-timing') ?? ''
  if (timing.includes('desc="shared"')) ledger.fromShared += 1
  const { data } = (await answer.json()) as { data: Product }
  ledger.check(data, floor, `the product itself (${timing})`)
  return true
}

/** The page has five parts, which travel together; the product is among them and in no list. */
async function readDetails(address: string, ledger: Ledger, id: number): Promise<boolean> {
  const floor = ledger.seenRevision(id)
  const answer = await ask(`${address}/products/${id}/details`)
  if (answer === undefined) return false
  expect(answer.status).toBe(200)
  const { data } = (await answer.json()) as { data: { product: Product; featured: Product[] } }
  const timing = answer.headers.get('server-timing') ?? ''
  ledger.check(data.product, floor, `its page (${timing})`)
  checkList(data.featured, [], { ledger, where: `the featured ones (${timing})` })
  return true
}

/** `floors`: revisions that must not be missing, by product. */
async function readList(
  address: string,
  ledger: Ledger,
  floors: readonly number[] = [],
): Promise<boolean> {
  const answer = await ask(`${address}/products`)
  if (answer === undefined) return false
  expect(answer.status).toBe(200)
  const { data } = (await answer.json()) as { data: { items: Product[] } }
  const where = `the list (${answer.headers.get('server-timing')})`
  checkList(data.items, floors, { ledger, where })
  return true
}

function acknowledgedRevisions(ledger: Ledger): readonly number[] {
  return Array.from({ length: PRODUCTS + 1 }, (_, id) => ledger.acknowledgedRevision(id))
}

function checkList(
  products: readonly Product[],
  floors: readonly number[],
  { ledger, where }: { ledger: Ledger; where: string },
): void {
  for (const product of products) ledger.checkCopy(product, floors[product.id] ?? 1, where)
}

/** Each product has one writer, so that an acknowledged write is the product's next revision. */
async function write(address: string, ledger: Ledger, writer: number): Promise<boolean> {
  const id = 1 + writer + WRITERS * Math.floor((Math.random() * HOT) / WRITERS)
  const before = ledger.seenRevision(id)
  const answer = await ask(`${address}/products/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(productDraft({ name: `Kettle ${Math.random()}` })),
  })
  if (answer === undefined) return false
  expect(answer.status).toBe(202)
  ledger.acknowledge(id, before)
  return true
}

async function repeat(step: () => Promise<boolean>): Promise<void> {
  while (await step());
}

test(`${KILLS} kills under load lose no acknowledged change and tear no product`, {
  timeout: KILLS * SECONDS_A_KILL * 1_000,
}, async () => {
  expect(KILLS).toBeGreaterThan(0)
  const env = { DATA_DIR: await newFolder(), SEED_PRODUCTS: String(PRODUCTS) }
  const ledger = new Ledger()
  for (let kill = 0; kill < KILLS; kill += 1) {
    const { child, address, ended } = startShop({ env })
    const url = await address
    const load = Promise.all([
      ...Array.from({ length: READERS }, () => repeat(() => read(url, ledger, anyHotId()))),
      repeat(() => read(url, ledger, anyId())),
      repeat(() => readDetails(url, ledger, anyHotId())),
      repeat(() => readList(url, ledger)),
      ...Array.from({ length: WRITERS }, (_, n) => repeat(() => write(url, ledger, n))),
    ])
    await Promise.race([load, pause(LIFE_MS.least + Math.random() * LIFE_MS.spread)])
    child.kill('SIGKILL')
    await ended
    await load
  }

  const last = startShop({ env })
  const url = await last.address
  for (let id = 1; id <= HOT; id += 1) {
    expect(await read(url, ledger, id)).toBe(true)
  }
  const queue = async () => ((await (await fetch(`${url}/status`)).json()) as StatusReport).queue
  await expect.poll(queue, { timeout: 10_000 }).toMatchObject({ waiting: 0, deadLetters: 0 })
  // The tags of what was written last leave a moment later.
  await vi.waitFor(() => readList(url, ledger, acknowledgedRevisions(ledger)), { timeout: 5_000 })
  last.child.kill('SIGTERM')
  expect(await last.ended).toMatchObject({ code: 0, stderr: '' })
  expect(ledger.acknowledgements).toBeGreaterThan(KILLS)
  expect(ledger.served).toBeGreaterThan(KILLS)
  expect(ledger.fromShared).toBeGreaterThan(0)
  console.log(
    `${KILLS} kills: ${ledger.served} products served and checked (${ledger.fromShared} answers of the shared tier), ${ledger.acknowledgements} changes acknowledged, none torn, none lost.`,
  )
})
