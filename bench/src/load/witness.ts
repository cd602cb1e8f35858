/**
 * The judge's own eyes: changes products that nobody else changes, at one instance after the other, and
 * asks every instance until it shows the change.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { hostNow } from '../processes/host-clock.ts'
import { LatencyHistogram } from '../replay/latency-histogram.ts'
import { seededRandom } from '../traces/seeded-random.ts'
import type { Judge } from './judge.ts'
import { draftOfSerial, serialOfAnswer } from './serial-price.ts'

/** Often enough for a figure, and nothing beside the load. */
const BETWEEN_CHANGES_MS = 100
/** Between two looks at one instance. */
const BETWEEN_LOOKS_MS = 5
/** An instance that does not show a change for so long is not waited for any longer. */
const LOOKED_FOR_MS = 10_000

export class Witness {
  readonly visible = new LatencyHistogram()
  readonly #judge: Judge
  readonly #addresses: readonly string[]
  readonly #products: readonly number[]
  readonly #chance: () => number
  /** Reads are judged at the end of a pass, when every acknowledgement is known; some per change. */
  readonly #reads: { product: number; serial: number; beganAt: number }[] = []
  #serial = 0
  #changes = 0
  #unseen = 0
  #refused = 0
  #running: Promise<void> | undefined
  #ending = false

  constructor(parts: {
    readonly judge: Judge
    readonly addresses: readonly string[]
    readonly products: readonly number[]
    readonly seed: number
  }) {
    this.#judge = parts.judge
    this.#addresses = parts.addresses
    this.#products = parts.products
    this.#chance = seededRandom(parts.seed)
  }

  get counts(): { readonly changes: number; readonly unseen: number; readonly refused: number } {
    return { changes: this.#changes, unseen: this.#unseen, refused: this.#refused }
  }

  begin(): void {
    this.#ending = false
    this.#running = this.#run()
  }

  /** Resolves when the last change was looked for. */
  async end(): Promise<void> {
    this.#ending = true
    await this.#running
    for (const read of this.#reads.splice(0)) this.#judge.judge(read)
  }

  async #run(): Promise<void> {
    while (!this.#ending) {
      await this.#change()
      await pause(BETWEEN_CHANGES_MS)
    }
  }

  async #change(): Promise<void> {
    const product = this.#products[Math.floor(this.#chance() * this.#products.length)] ?? 1
    const address = this.#addresses[this.#changes % this.#addresses.length]
    this.#serial += 1
    this.#changes += 1
    const serial = this.#serial
    const response = await fetch(`${address}/products/${product}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: draftOfSerial(product, serial),
    })
    const at = hostNow()
    await response.body?.cancel()
    if (!response.ok) {
      this.#refused += 1
      return
    }
    this.#judge.acknowledge(product, serial, at)
    const seen = await Promise.all(
      this.#addresses.map((each) => this.#lookFor(each, { product, serial, at })),
    )
    if (seen.includes(false)) this.#unseen += 1
  }

  async #lookFor(
    address: string,
    change: { readonly product: number; readonly serial: number; readonly at: number },
  ): Promise<boolean> {
    const { product, serial, at } = change
    for (;;) {
      const beganAt = hostNow()
      const response = await fetch(`${address}/products/${product}`)
      const shown = serialOfAnswer(await response.text())
      if (shown !== undefined) this.#reads.push({ product, serial: shown, beganAt })
      if (shown !== undefined && shown >= serial) {
        // A read sees what the instance has when it is asked; how long the answer travels is no staleness.
        this.visible.record(Math.max(0, beganAt - at))
        return true
      }
      if (beganAt - at > LOOKED_FOR_MS) return false
      await pause(BETWEEN_LOOKS_MS)
    }
  }
}
