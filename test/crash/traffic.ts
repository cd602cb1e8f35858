/** Writes of one worker: many at once, each told when it is asked and when it is answered. */

import { setTimeout as pause } from 'node:timers/promises'
import { readVersionToken } from '../../src/core/version-token.ts'
import type { Collection, WriteReceipt } from '../../src/index.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import { type CollectionName, type Tell, type Written, writtenBy } from './messages.ts'

const REMOVED_SHARE = 0.15
/** Of the writes, those that must all reach the database: these cannot be drawn together. */
const EVERY_SHARE = 0.04
const LAST_KEYS = 400
const EVERY_KEYS = 60
/** Between two writes of one writer: up to so long. */
const REST_MS = 12
/** After a write that was refused: who refuses is away. */
const REFUSED_MS = 50
/** Of the first write: a server may just have been started. */
const FIRST_ATTEMPTS = 100

export interface TrafficParts {
  readonly collections: ReadonlyMap<CollectionName, Collection<string, Written>>
  readonly tell: Tell
  readonly random: SeededRandom
  readonly instance: string
  /** Under way at once. */
  readonly writes: number
}

export class Traffic {
  readonly #parts: TrafficParts
  readonly #open = new Set<Promise<unknown>>()
  #loop = 0
  #on = false
  #asked = 0

  constructor(parts: TrafficParts) {
    this.#parts = parts
  }

  /** Resolves when nothing is under way that is not wanted any more. */
  async set(on: boolean): Promise<void> {
    if (on !== this.#on) this.#loop += 1
    for (let writer = 0; on && !this.#on && writer < this.#parts.writes; writer += 1) {
      const writing = this.#writeOn(this.#loop)
      this.#open.add(writing)
      void writing.then(() => this.#open.delete(writing))
    }
    this.#on = on
    if (!on) await Promise.all(this.#open)
  }

  async put(key: string): Promise<void> {
    await this.#write('kept_last', key, 'put')
  }

  /** What an acknowledgement says, of a write of a key of its own. */
  async durability(): Promise<string> {
    const key = `first-of-${this.#parts.instance}`
    for (let attempt = 1; attempt <= FIRST_ATTEMPTS; attempt += 1) {
      const receipt = await this.#write('kept_last', key, 'put')
      if (receipt !== undefined) return String(receipt.durability)
      await pause(REFUSED_MS)
    }
    return 'nothing'
  }

  async #writeOn(loop: number): Promise<void> {
    const { random } = this.#parts
    while (this.#loop === loop) {
      const every = random.next() < EVERY_SHARE
      const key = every ? `e${random.below(EVERY_KEYS)}` : `k${random.below(LAST_KEYS)}`
      const kind = random.next() < REMOVED_SHARE ? 'remove' : 'put'
      const receipt = await this.#write(every ? 'kept_every' : 'kept_last', key, kind)
      await pause(receipt ? random.next() * REST_MS : REFUSED_MS)
    }
  }

  async #write(
    name: CollectionName,
    key: string,
    kind: 'put' | 'remove',
  ): Promise<WriteReceipt | undefined> {
    const { tell, instance } = this.#parts
    const collection = this.#collection(name)
    this.#asked += 1
    const n = this.#asked
    tell('ask', n, `${name}/${key}`, kind)
    try {
      const receipt =
        kind === 'put'
          ? await collection.put(key, { id: key, written: writtenBy(instance, n) })
          : await collection.remove(key)
      this.#acknowledged(n, receipt.version)
      return receipt
    } catch {
      tell('not', n)
      return undefined
    }
  }

  #acknowledged(n: number, token: unknown): void {
    const version = readVersionToken(token)
    const [moment] = version.kind === 'moments' ? version.moments : []
    if (moment === undefined) throw new Error(`Write ${n} was acknowledged without a version.`)
    this.#parts.tell('ack', n, moment.epoch, moment.sequence)
  }

  #collection(name: CollectionName): Collection<string, Written> {
    const collection = this.#parts.collections.get(name)
    if (collection === undefined) throw new RangeError(`There is no collection ${name}.`)
    return collection
  }
}
