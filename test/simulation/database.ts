/**
 * The simulated source of truth: one row a key, committed when the statement arrives there. What it
 * was asked is carried out whether or not the asker lives to hear of it, within its own deadline.
 */

import type { Store, StoreOutcome, StoreWrite } from '../../src/contracts/source.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import { shortDelay } from './delay.ts'
import type { Setting } from './setting.ts'
import type { Trace } from './trace.ts'
import type { Owner, VirtualTime } from './virtual-time.ts'

/** Nothing is carried out so long after it was asked for: shorter than what is left of an intent. */
const DEADLINE_MS = 1_400

/** Shares of the calls that take up to so many milliseconds longer, the slowest first. */
type Speed = readonly (readonly [share: number, mostMs: number])[]

const QUICK: Readonly<Record<'load' | 'write', Speed>> = {
  load: [
    [0.01, 3_000],
    [0.05, 600],
  ],
  write: [
    [0.03, 2_000],
    [0.1, 500],
  ],
}
const SLOW: Readonly<Record<'load' | 'write', Speed>> = {
  load: [
    [0.1, 3_000],
    [0.3, 600],
  ],
  write: [
    [0.1, 2_000],
    [0.6, 700],
  ],
}
const SPEEDS: Readonly<Record<Setting['profile'], Readonly<Record<'load' | 'write', Speed>>>> = {
  mixed: QUICK,
  'slow writes': SLOW,
  'cut off': { load: SLOW.load, write: QUICK.write },
}

export interface DatabaseParts {
  readonly time: VirtualTime
  readonly random: SeededRandom
  readonly trace: Trace
  readonly setting: Pick<Setting, 'profile' | 'loads'>
  readonly committed: (row: Row, by: string) => void
}

export interface Row {
  readonly key: string
  readonly version: number
  readonly kind: 'row' | 'no row'
}

export interface Asker {
  readonly owner: Owner
  readonly name: string
}

export class Database {
  readonly #parts: DatabaseParts
  readonly #rows = new Map<string, Row>()
  /** What else changes with a write of this version, in the same transaction. */
  readonly #beside = new Map<number, Row>()
  readonly #writes = new Map<number, number>()
  /** By key: the version that its next removal is to have. */
  readonly #removals = new Map<string, number[]>()
  #calm = false

  constructor(parts: DatabaseParts) {
    this.#parts = parts
  }

  /** From now on it answers soon, and always. */
  heal(): void {
    this.#calm = true
  }

  commit(row: Row, by: string): void {
    this.#rows.set(row.key, row)
    this.#parts.trace.say(
      () => `${by} commits ${row.key}=${row.version}${row.kind === 'row' ? '' : ', no row'}`,
    )
    this.#parts.committed(row, by)
    const beside = this.#beside.get(row.version)
    if (beside !== undefined) this.commit(beside, by)
  }

  /** The write of `version` changes another row as well. */
  changesWith(version: number, beside: Row): void {
    this.#beside.set(version, beside)
    this.#writes.set(beside.version, version)
  }

  /** The version of the write that the row was changed by. */
  writeOf(version: number): number {
    return this.#writes.get(version) ?? version
  }

  /** A removal carries no value, so that its version is said beforehand. */
  removesAs(key: string, version: number): void {
    this.#removals.set(key, [...(this.#removals.get(key) ?? []), version])
  }

  /** As one process sees it. */
  store(asker: Asker): Store<string, number> {
    return {
      fencing: 'unfenced',
      // Rests are tested elsewhere; here each failure is to be met by the next load.
      breaker: 'off',
      ...(this.#parts.setting.loads === 'together'
        ? { loadMany: (keys) => this.#loadMany(keys, asker) }
        : { load: (key) => this.load(key, asker) }),
      apply: async ([write], { signal }) => {
        if (write === undefined) return []
        return [await this.#apply(write, { ...asker, signal })]
      },
    }
  }

  async load(key: string, asker: Asker): Promise<number | undefined> {
    return (await this.#loadMany([key], asker)).get(key)
  }

  async #loadMany(
    keys: readonly string[],
    { owner, name }: Asker,
  ): Promise<ReadonlyMap<string, number>> {
    const { time, random, trace, setting } = this.#parts
    const chance = this.#calm ? 1 : random.next()
    const slowMs = slownessOf(chance, SPEEDS[setting.profile].load)
    const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<string, number>>()
    time.after(2 * this.#delay(), () => {
      const found = new Map<string, number>()
      for (const key of keys) {
        const row = this.#rows.get(key)
        if (row?.kind === 'row') found.set(key, row.version)
        trace.say(() => `${name} loads ${key}=${row?.version}`)
      }
      const fails = chance > 0.97 && !this.#calm
      const answer = (): void =>
        fails ? reject(new Error('The database could not be read.')) : resolve(found)
      time.message(time.now + 2 * this.#delay() + slowMs * random.next(), answer, owner)
    })
    return await promise
  }

  async #apply(
    write: StoreWrite<string, number>,
    asker: Asker & { readonly signal: AbortSignal },
  ): Promise<StoreOutcome> {
    const { time, random } = this.#parts
    const chance = this.#calm ? 1 : random.next()
    const slowMs = slownessOf(chance, SPEEDS[this.#parts.setting.profile].write)
    const askedAt = time.now
    const row = this.#rowOf(write)
    const { promise, resolve, reject } = Promise.withResolvers<StoreOutcome>()
    time.after(2 * this.#delay() + slowMs * random.next(), () => {
      const late = time.now - askedAt > DEADLINE_MS
      const stopped = asker.signal.aborted && random.next() < 0.5
      const refused = late || stopped || (chance > 0.98 && !this.#calm)
      if (!refused) this.commit(row, asker.name)
      // An error may hide a write that was carried out.
      const hidden = chance > 0.96 && !this.#calm
      const answer = (): void =>
        refused || hidden ? reject(new Error('The database failed.')) : resolve({ kind: 'applied' })
      time.message(time.now + this.#delay(), answer, asker.owner)
    })
    return await promise
  }

  #rowOf(write: StoreWrite<string, number>): Row {
    const { key } = write
    if (write.kind !== 'remove') return { key, version: write.value, kind: 'row' }
    return { key, version: this.#removals.get(key)?.shift() ?? 0, kind: 'no row' }
  }

  #delay(): number {
    return shortDelay(this.#parts.random)
  }
}

function slownessOf(chance: number, speed: Speed): number {
  let least = 0
  for (const [share, mostMs] of speed) {
    least += share
    if (chance < least) return mostMs
  }
  return 0
}
