/**
 * The simulated source of truth: one row a key, committed when the statement arrives there. What it
 * was asked is carried out whether or not the asker lives to hear of it, within its own deadline.
 */

import type { Store, StoredVersion, StoreOutcome, StoreWrite } from '../../src/contracts/source.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import { shortDelay } from './delay.ts'
import type { LoadJudge } from './load-judge.ts'
import type { QueuedWrite, QueueJudge } from './queue-judge.ts'
import { applyQueued, type QueuedBatch } from './queued-batch.ts'
import type { Setting, StoreFault } from './setting.ts'
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
    // Longer than a lease that nobody renews.
    [0.01, 40_000],
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
  behind: { load: QUICK.load, write: SLOW.write },
  idle: QUICK,
  ahead: QUICK,
}

export interface DatabaseParts {
  readonly time: VirtualTime
  readonly random: SeededRandom
  readonly trace: Trace
  readonly setting: Pick<Setting, 'profile' | 'loads' | 'behind'>
  readonly queueJudge: QueueJudge
  readonly loadJudge: LoadJudge | undefined
  readonly storeFault: StoreFault | undefined
  readonly committed: (row: Row, by: string, isBehind: boolean) => void
}

export interface Row {
  readonly key: string
  readonly version: number
  readonly kind: 'row' | 'no row'
  /** As the cache orders writes; absent: written by somebody who knows nothing of it. */
  readonly number?: number | undefined
  readonly epoch?: string | undefined
}

export interface Asker {
  readonly owner: Owner
  readonly name: string
  /** The write that the process is calling about, where a write carries no value. */
  readonly calledFor: () => number | undefined
}

export class Database {
  readonly #parts: DatabaseParts
  readonly #rows = new Map<string, Row>()
  /** What else changes with a write of this version, in the same transaction. */
  readonly #beside = new Map<number, Row>()
  readonly #writes = new Map<number, number>()
  /** Rows that were changed with a write that had waited. */
  readonly besideQueued: Row[] = []
  #calm = false
  /** Each ends a load that is under way soon. */
  readonly #loads = new Set<() => void>()

  constructor(parts: DatabaseParts) {
    this.#parts = parts
  }

  /** From now on it answers soon, and always. */
  heal(): void {
    this.#calm = true
    // The longest would outlast all that follows.
    for (const hurry of this.#loads) hurry()
  }

  get isCalm(): boolean {
    return this.#calm
  }

  /** The version of the row, also of one that was removed. */
  versionOf(key: string): number {
    return this.#rows.get(key)?.version ?? 0
  }

  /** A write without a number leaves the one that stands there. */
  commit(row: Row, by: string, isBehind = false): void {
    const { number, epoch } = this.#rows.get(row.key) ?? {}
    const forgets = this.#parts.storeFault === 'no tombstones' && row.kind === 'no row'
    const kept = forgets ? { number: undefined, epoch: undefined } : {}
    this.#rows.set(row.key, { number, epoch, ...row, ...kept })
    this.#parts.trace.say(
      () =>
        `${by} commits ${row.key}=${row.version}${row.kind === 'row' ? '' : ', no row'} ${row.number ?? ''}`,
    )
    this.#parts.committed(row, by, isBehind)
    const beside = this.#beside.get(row.version)
    if (beside === undefined) return
    if (isBehind) this.besideQueued.push(beside)
    this.commit(beside, by)
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

  /** As one process sees it. */
  store(asker: Asker): Store<string, number> {
    return {
      fencing: this.#parts.setting.behind === undefined ? 'unfenced' : 'versioned',
      // Rests are tested elsewhere; here each failure is to be met by the next load.
      breaker: 'off',
      ...(this.#parts.setting.loads === 'together'
        ? { loadMany: (keys) => this.#loadMany(keys, asker) }
        : {
            load: async (key, { previous, unchanged }) => {
              const found = await this.load(key, asker)
              // As a source does that knows its rows by a version.
              return found !== undefined && previous?.value === found ? unchanged() : found
            },
          }),
      apply: async (writes, { signal }) => {
        const queued = this.#queued(writes)
        if (queued !== undefined) return await this.#applyQueued(queued, asker)
        const [write] = writes
        if (write === undefined) return []
        return [await this.#apply(write, { ...asker, signal })]
      },
      ...(this.#parts.setting.behind === undefined
        ? {}
        : { versions: (keys) => this.#versions(keys, asker) }),
    }
  }

  async load(key: string, asker: Pick<Asker, 'owner' | 'name'>): Promise<number | undefined> {
    return (await this.#loadMany([key], asker)).get(key)
  }

  async #loadMany(
    keys: readonly string[],
    { owner, name }: Pick<Asker, 'owner' | 'name'>,
  ): Promise<ReadonlyMap<string, number>> {
    const { time, random, trace, setting } = this.#parts
    const chance = this.#calm ? 1 : random.next()
    const slowMs = slownessOf(chance, SPEEDS[setting.profile].load)
    const { promise, resolve, reject } = Promise.withResolvers<ReadonlyMap<string, number>>()
    const ends = keys.map((key) => [key, this.#parts.loadJudge?.began(key, name)] as const)
    time.after(2 * this.#delay(), () => {
      const found = new Map<string, number>()
      for (const key of keys) {
        const row = this.#rows.get(key)
        if (row?.kind === 'row') found.set(key, row.version)
        trace.say(() => `${name} loads ${key}=${row?.version}`)
      }
      const fails = chance > 0.97 && !this.#calm
      const answer = (): void => {
        this.#loads.delete(hurry)
        for (const [key, end] of ends) end?.(!fails && found.has(key))
        if (fails) reject(new Error('The database could not be read.'))
        else resolve(found)
      }
      const answeredAt = time.now + 2 * this.#delay() + slowMs * random.next()
      const takeBack = time.message(answeredAt, answer, owner)
      const hurry = (): void => {
        takeBack()
        time.message(Math.min(answeredAt, time.now + this.#delay()), answer, owner)
      }
      this.#loads.add(hurry)
    })
    return await promise
  }

  /** Of the guard: what comes twice is said to be applied, and changes nothing. */
  carryOut(
    write: StoreWrite<string, number>,
    {
      version,
      by,
      isBehind,
    }: { readonly version: number; readonly by: string; readonly isBehind: boolean },
  ): StoreOutcome {
    const { key, kind, epoch } = write
    const row = this.#rows.get(key)
    const number = write.version === undefined ? undefined : Number(write.version)
    const held = row?.number
    if (number !== undefined && held !== undefined && this.#parts.storeFault !== 'no guard') {
      if (held === number && row?.epoch === epoch) return { kind: 'applied' }
      if (held >= number) {
        this.#parts.trace.say(() => `${by}: ${key}=${version} ${number} is superseded by ${held}`)
        return { kind: 'superseded', by: BigInt(held), byEpoch: row?.epoch ?? '' }
      }
    }
    if (kind === 'create' && row?.kind === 'row')
      return { kind: 'conflict', reason: 'there is one' }
    const isRow = kind !== 'remove'
    if (isBehind) {
      const queued: QueuedWrite = { key, version, kind: isRow ? 'row' : 'no row' }
      const at = { number: number ?? 0, epoch: epoch ?? '' }
      this.#parts.queueJudge.applied(queued, at, isRow ? write.value : undefined)
    } else if (number !== undefined) {
      this.#parts.queueJudge.ordered(key, version, number)
    }
    this.commit({ key, version, kind: isRow ? 'row' : 'no row', number, epoch }, by, isBehind)
    return { kind: 'applied' }
  }

  /** Those of a batch that have waited; `undefined`: it is of a write through or around the cache. */
  #queued(writes: readonly StoreWrite<string, number>[]): QueuedBatch | undefined {
    const { queueJudge } = this.#parts
    const batch = writes.flatMap((write) => {
      const at = { number: Number(write.version ?? 0), epoch: write.epoch ?? '' }
      const queued = queueJudge.writeAt(write.key, at)
      return queued === undefined ? [] : [{ write, queued }]
    })
    return batch.length > 0 && batch.length === writes.length ? batch : undefined
  }

  async #applyQueued(batch: QueuedBatch, { owner, name }: Asker): Promise<readonly StoreOutcome[]> {
    const { time, random, trace, queueJudge, setting } = this.#parts
    const poison = setting.behind?.poison ?? 'none'
    const common = { time, random, trace, queueJudge, poison, database: this, batch, by: name }
    return await applyQueued({
      ...common,
      answer: (how) => time.message(time.now + this.#delay(), how, owner),
    })
  }

  async #versions(
    keys: readonly string[],
    { owner }: Asker,
  ): Promise<ReadonlyMap<string, StoredVersion>> {
    const { time } = this.#parts
    const { promise, resolve } = Promise.withResolvers<ReadonlyMap<string, StoredVersion>>()
    time.after(2 * this.#delay(), () => {
      const found = new Map<string, StoredVersion>()
      for (const key of keys) {
        const { number, epoch } = this.#rows.get(key) ?? {}
        if (number !== undefined) found.set(key, { version: BigInt(number), epoch: epoch ?? '' })
      }
      time.message(time.now + this.#delay(), () => resolve(found), owner)
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
    const version = write.kind === 'remove' ? (asker.calledFor() ?? 0) : write.value
    const { promise, resolve, reject } = Promise.withResolvers<StoreOutcome>()
    time.after(2 * this.#delay() + slowMs * random.next(), () => {
      const late = time.now - askedAt > DEADLINE_MS
      const stopped = asker.signal.aborted && random.next() < 0.5
      const refused = late || stopped || (chance > 0.98 && !this.#calm)
      const how = { version, by: asker.name, isBehind: false }
      const outcome = refused ? undefined : this.carryOut(write, how)
      // An error may hide a write that was carried out.
      const hidden = chance > 0.96 && !this.#calm
      const answer = (): void =>
        outcome === undefined || hidden
          ? reject(new Error('The database failed.'))
          : resolve(outcome)
      time.message(time.now + this.#delay(), answer, asker.owner)
    })
    return await promise
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
