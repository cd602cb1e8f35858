/**
 * The shop is killed again and again while it serves and changes products.
 *
 * Each time its files must open, nothing that was acknowledged may be missing, and every product
 * that is served, before and after, must match its own fingerprint. `KILLS` says how often.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { fingerprint } from '../src/fingerprint.ts'
import type { Product } from '../src/product.ts'
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
const PRODUCTS = 200

/** What the clients together know of the shop; it outlives every process. */
class Ledger {
  /** Of each product, the revision that was acknowledged or seen last. */
  readonly #seen = new Map<number, number>()
  served = 0
  acknowledged = 0

  /** The least revision that a read of this product may answer, if the read begins now. */
  floor(id: number): number {
    return this.#seen.get(id) ?? 1
  }

  raise(id: number, revision: number): void {
    this.#seen.set(id, Math.max(this.floor(id), revision))
  }

  /** @throws if the product is torn, or older than `floor`. */
  check(product: Product, floor: number): void {
    this.served += 1
    expect(product.fingerprint).toBe(fingerprint(product))
    expect(product.revision).toBeGreaterThanOrEqual(floor)
    this.raise(product.id, product.revision)
  }
}

/** Answers `undefined` once the shop is dead; that is what it is there for. */
async function ask(url: string, init: RequestInit = {}): Promise<Response | undefined> {
  try {
    const response = await fetch(url, init)
    const body = await response.text()
    const status = response.status
    return new Response(status === 204 ? null : body, { status })
  } catch {
    return undefined
  }
}

function anyHotId(): number {
  return 1 + Math.floor(Math.random() * HOT)
}

async function read(address: string, ledger: Ledger, id: number): Promise<boolean> {
  const floor = ledger.floor(id)
  const answer = await ask(`${address}/products/${id}`)
  if (answer === undefined) return false
  expect(answer.status).toBe(200)
  const { data } = (await answer.json()) as { data: Product }
  ledger.check(data, floor)
  return true
}

/** Lists hold copies of the products: they may not lag behind what was acknowledged either. */
async function readList(address: string, ledger: Ledger): Promise<boolean> {
  const floors = Array.from({ length: HOT + 1 }, (_, id) => ledger.floor(id))
  const answer = await ask(`${address}/products`)
  if (answer === undefined) return false
  expect(answer.status).toBe(200)
  const { data } = (await answer.json()) as { data: { items: Product[] } }
  for (const product of data.items) ledger.check(product, floors[product.id] ?? 1)
  return true
}

/** Each product has one writer, so that an acknowledged write is the product's next revision. */
async function write(address: string, ledger: Ledger, writer: number): Promise<boolean> {
  const id = 1 + writer + WRITERS * Math.floor((Math.random() * HOT) / WRITERS)
  const floor = ledger.floor(id)
  const answer = await ask(`${address}/products/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(productDraft({ name: `Kettle ${Math.random()}` })),
  })
  if (answer === undefined) return false
  expect(answer.status).toBe(204)
  ledger.acknowledged += 1
  ledger.raise(id, floor + 1)
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
    const load = [
      ...Array.from({ length: READERS }, () => repeat(() => read(url, ledger, anyHotId()))),
      repeat(() => readList(url, ledger)),
      ...Array.from({ length: WRITERS }, (_, n) => repeat(() => write(url, ledger, n))),
    ]
    await pause(LIFE_MS.least + Math.random() * LIFE_MS.spread)
    child.kill('SIGKILL')
    await ended
    await Promise.all(load)
  }

  const last = startShop({ env })
  const url = await last.address
  for (let id = 1; id <= HOT; id += 1) {
    expect(await read(url, ledger, id)).toBe(true)
  }
  expect(await readList(url, ledger)).toBe(true)
  last.child.kill('SIGTERM')
  expect(await last.ended).toMatchObject({ code: 0, stderr: '' })
  expect(ledger.acknowledged).toBeGreaterThan(KILLS)
  expect(ledger.served).toBeGreaterThan(KILLS)
  console.log(
    `${KILLS} kills: ${ledger.served} products served and checked, ${ledger.acknowledged} changes acknowledged, none torn, none lost.`,
  )
})
