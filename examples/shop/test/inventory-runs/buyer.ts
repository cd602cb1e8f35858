/** Somebody who reserves, gives back and orders, and asks again where no answer comes. */

import { setTimeout as pause } from 'node:timers/promises'
import type { SeededNumbers } from '../../src/database/seeded-numbers.ts'
import type { ChangedInventory } from '../../src/inventory/inventory-writes.ts'
import type { Order } from '../../src/orders/order.ts'
import type { ShopProcess } from './shop-process.ts'

/** A change with a name, and what came of it in the end. */
export interface NamedChange {
  readonly request: string
  readonly productId: number
  /** Above 0: reserved; below 0: given back. */
  readonly quantity: number
  readonly outcome: 'done' | 'refused'
}

/** Orders have no name: of one that was not answered nobody knows. */
export interface GivenOrder {
  readonly userId: number
  readonly id: number | 'refused' | 'unknown'
}

export interface BuyerParts {
  readonly name: string
  readonly userId: number
  readonly productIds: readonly [number, number]
  /** Of each product: what one takes at a time. */
  readonly quantities: ReadonlyMap<number, number>
  readonly numbers: SeededNumbers
  /** Those that run, or did a moment ago. */
  readonly instances: () => readonly ShopProcess[]
}

const ROUNDS = 3
const TRIES = 200
const BETWEEN_TRIES_MS = 25
const ANSWER_MS_AT_MOST = 10_000

export class Buyer {
  readonly #parts: BuyerParts
  readonly changes: NamedChange[] = []
  readonly orders: GivenOrder[] = []
  /** Requests that were sent again, since the first answer never came. */
  again = 0
  /** The least that anybody was told to be in stock. */
  leastSeen = Number.POSITIVE_INFINITY

  constructor(parts: BuyerParts) {
    this.#parts = parts
  }

  async buy(): Promise<void> {
    const { name, numbers, productIds } = this.#parts
    for (let round = 1; round <= ROUNDS; round += 1) {
      const productId = numbers.pick(productIds)
      if (numbers.share() < 0.3) {
        await this.#order()
        continue
      }
      const reserved = await this.#change('reserve', productId, `${name}-${round}`)
      if (reserved && numbers.share() < 0.6) {
        await this.#change('restore', productId, `${name}-${round}-back`)
      }
    }
  }

  async #change(kind: 'reserve' | 'restore', productId: number, request: string): Promise<boolean> {
    const quantity = this.#parts.quantities.get(productId) ?? 1
    for (let tries = 0; tries < TRIES; tries += 1) {
      const answer = await this.#send(`/inventory/${productId}/${kind}`, { quantity, request })
      if (answer?.status === 200 || answer?.status === 409) {
        const outcome = answer.status === 200 ? 'done' : 'refused'
        if (outcome === 'done') this.#see(answer.data as ChangedInventory)
        const signed = kind === 'reserve' ? quantity : -quantity
        this.changes.push({ request, productId, quantity: signed, outcome })
        return outcome === 'done'
      }
      this.again += 1
      await pause(BETWEEN_TRIES_MS)
    }
    throw new Error(`${request} was never answered.`)
  }

  async #order(): Promise<void> {
    const { userId, productIds, quantities } = this.#parts
    const items = productIds.map((productId) => ({
      productId,
      quantity: Math.min(100, quantities.get(productId) ?? 1),
    }))
    const answer = await this.#send('/orders', { userId, items })
    const id =
      answer?.status === 201
        ? (answer.data as Order).id
        : answer?.status === 409
          ? 'refused'
          : 'unknown'
    this.orders.push({ userId, id })
  }

  #see({ stock, reserved }: ChangedInventory): void {
    this.leastSeen = Math.min(this.leastSeen, stock, reserved)
  }

  /** `undefined`: the instance has died, or does not answer. */
  async #send(
    path: string,
    body: object,
  ): Promise<{ readonly status: number; readonly data: unknown } | undefined> {
    const { numbers, instances } = this.#parts
    const [first, ...rest] = instances()
    if (first === undefined) return undefined
    try {
      const response = await fetch(numbers.pick([first, ...rest]).url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(ANSWER_MS_AT_MOST),
      })
      const { data } = (await response.json()) as { readonly data?: unknown }
      return { status: response.status, data }
    } catch {
      return undefined
    }
  }
}
