/** What `warming/` can do with a collection: the reads, leases and fills of the engine, in batches. */

import { ArgumentError } from '../contracts/errors.ts'
import type { HotKeys } from '../contracts/hot-keys.ts'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import type { EntryOptions } from '../contracts/options.ts'
import type { CacheKey } from '../contracts/source.ts'
import type {
  HotRow,
  SourcePressure,
  WarmItem,
  WarmJob,
  WarmMark,
  WarmTally,
  WarmTarget,
} from '../contracts/warm-target.ts'
import type { Answer } from './answer.ts'
import type { Engine } from './engine.ts'
import { refuseArgument } from './field-check.ts'
import { FillTurns } from './fill-turns.ts'
import type { ForecastState } from './forecast-state.ts'
import { scanKeys } from './key-scan.ts'
import { locate } from './lifetimes.ts'
import type { Load } from './loads.ts'
import { copyStands } from './local-read.ts'
import { lookup } from './lookup.ts'
import { loadAhead } from './refresh-ahead.ts'
import { type ResolvedEntryOptions, resolveEntryOptions } from './resolve-entry-options.ts'
import type { SharedAccess } from './shared-access.ts'
import type { Space } from './space.ts'
import type { WarmList } from './warm-list.ts'
import { WarmValues } from './warm-values.ts'

export interface WarmTargetParts {
  readonly engine: Engine
  readonly space: Space
  /** Loads without being counted as what readers wait for; `undefined`: values come with the keys. */
  readonly load: Load | undefined
  readonly batch: number
  readonly pressure: SourcePressure
  /** `undefined`: there is no shared tier to keep them. */
  readonly hottest: WarmList | undefined
  /** `undefined`: nothing is forecast, or there is no shared tier to keep what was learned. */
  readonly forecasts: ForecastState | undefined
}

interface Renewal {
  readonly withinMs: number
  readonly signal: AbortSignal
  readonly options: ResolvedEntryOptions
}

type Outcome = 'loaded' | 'fresh' | 'absent'

export class CollectionTarget implements WarmTarget {
  readonly collection: string
  readonly pattern: string
  readonly batch: number
  readonly pressure: SourcePressure
  readonly hotKeys: HotKeys<CacheKey> | undefined
  readonly #parts: WarmTargetParts
  readonly #values: WarmValues

  constructor(parts: WarmTargetParts) {
    const { engine, space, batch, pressure } = parts
    this.#parts = parts
    this.collection = space.name
    this.pattern = space.pattern
    this.batch = batch
    this.pressure = pressure
    this.hotKeys = space.reads
    this.#values = new WarmValues(engine, space)
  }

  async opened(): Promise<void> {
    await this.#parts.engine.shared?.access.ready
  }

  async mark(): Promise<WarmMark> {
    await this.#parts.engine.shared?.coherence.beginning
    return this.#values.mark()
  }

  async warm(items: readonly WarmItem[], job: WarmJob): Promise<WarmTally> {
    const { space } = this.#parts
    // Nothing would be kept.
    if (space.mode === 'off') return NOTHING
    let options: ResolvedEntryOptions
    try {
      options = resolveOptions(job.options, space)
    } catch (error) {
      return { ...NOTHING, failed: items.length, error }
    }
    const { shared, clock } = this.#parts.engine
    if (shared === undefined) {
      return await tally(items.map((item) => this.#warmOne(item, job, options, undefined)))
    }
    const turns = new FillTurns(clock)
    return await tally(
      items.map((item) =>
        turns.run(this.#shardOf(keyOf(item), shared.access), (turn) =>
          this.#warmOne(item, job, options, turn),
        ),
      ),
    )
  }

  async ending(
    keys: readonly CacheKey[],
    { withinMs, copies }: Parameters<WarmTarget['ending']>[1],
  ): Promise<readonly CacheKey[]> {
    const { engine, space } = this.#parts
    // Nothing would be kept.
    if (space.mode === 'off') return []
    const lives = (entry: MemoryEntry | undefined): boolean =>
      entry !== undefined && outlives(entry, engine.clock.monotonic(), withinMs)
    const unknown = keys.filter((key) => !lives(this.#copy(key)))
    const look = copies && space.memory !== undefined ? this.#copied : this.#located
    // What cannot be looked at is tried, and told of where it fails.
    const found = await Promise.all(
      unknown.map((key) => look.call(this, key).catch(() => undefined)),
    )
    return unknown.filter((_, place) => !lives(found[place]))
  }

  async renew(
    keys: readonly CacheKey[],
    { options: given = {}, ...job }: Parameters<WarmTarget['renew']>[1],
  ): Promise<WarmTally> {
    if (this.#parts.space.mode === 'off') return NOTHING
    let options: ResolvedEntryOptions
    try {
      options = resolveOptions(given, this.#parts.space)
    } catch (error) {
      return { ...NOTHING, failed: keys.length, error }
    }
    return await tally(keys.map((key) => this.#renewOne(key, { ...job, options })))
  }

  async *cached(signal: AbortSignal): AsyncGenerator<CacheKey> {
    const { engine, space } = this.#parts
    yield* scanKeys(engine, space, '*', signal)
  }

  async claim(name: string, ttlMs: number): Promise<boolean> {
    const { engine } = this.#parts
    if (engine.shared === undefined) return true
    const names = [`tiercel:warming:${this.collection}:${name}`]
    const owner = engine.random.id()
    // Never given back: whoever comes later is to find it taken.
    const answer = await engine.shared.access.locks.acquire({ names, owner, ttlMs })
    return answer.kind === 'granted'
  }

  async recall(): Promise<readonly HotRow[]> {
    return (await this.#parts.hottest?.read(this.collection)) ?? []
  }

  async remember(rows: readonly HotRow[]): Promise<void> {
    await this.#parts.hottest?.write(this.collection, rows)
  }

  async recallForecast(): Promise<string | undefined> {
    return await this.#parts.forecasts?.read(this.collection)
  }

  async keepForecast(state: string): Promise<void> {
    await this.#parts.forecasts?.write(this.collection, state)
  }

  async #warmOne(
    item: WarmItem,
    job: WarmJob,
    options: ResolvedEntryOptions,
    turn: (() => Promise<void>) | undefined,
  ): Promise<Outcome> {
    const key = keyOf(item)
    if (job.load === 'missing' && this.#hasCopy(key)) return 'fresh'
    const plain = this.#loadOf(item, job.mark)
    const load: Load = async (request) => {
      const loaded = await plain(request)
      await turn?.()
      return loaded
    }
    return await this.#look(key, { load, options, anew: job.load === 'all', signal: job.signal })
  }

  #shardOf(key: CacheKey, access: Pick<SharedAccess, 'shardOf'>): number {
    try {
      return access.shardOf(this.#parts.space.sharedKey(key))
    } catch {
      // What cannot be a key is told of by whoever looks it up.
      return 0
    }
  }

  #loadOf(item: WarmItem, mark: WarmMark): Load {
    const { load } = this.#parts
    if (typeof item === 'object') return this.#values.load(item, mark, load)
    if (load !== undefined) return load
    throw new ArgumentError({
      field: 'entries',
      expected: 'pairs of key and value, since nothing loads plain keys',
      actual: 'a key alone',
    })
  }

  async #renewOne(key: CacheKey, { options, withinMs, signal }: Renewal): Promise<Outcome> {
    const { engine, load } = this.#parts
    if (load === undefined) return 'fresh'
    // Whoever grants the lease knows whether there is a newer one.
    const entry = this.#copy(key) ?? (await this.#located(key))
    const now = engine.clock.monotonic()
    if (entry === undefined || entry.absent || entry.freshUntil <= now) {
      // It is asked for often, and somebody would have to wait for it.
      return await this.#look(key, { load, options, anew: false, signal })
    }
    if (outlives(entry, now, withinMs)) return 'fresh'
    return await this.#reload(key, { entry, load, options })
  }

  /** As refresh-ahead does: once among all processes, and the entry is served meanwhile. */
  #reload(
    key: CacheKey,
    what: {
      readonly entry: MemoryEntry
      readonly load: Load
      readonly options: ResolvedEntryOptions
    },
  ): Promise<Outcome> {
    const { entry, load, options } = what
    const { engine, space } = this.#parts
    return new Promise((resolve, reject) => {
      let end = (): void => resolve('fresh')
      const noted: Load = async (request) => {
        try {
          const loaded = await load(request)
          const absent = loaded.value === undefined && loaded.unchanged !== true
          end = () => resolve(absent ? 'absent' : 'loaded')
          return loaded
        } catch (error) {
          end = () => reject(error)
          throw error
        }
      }
      const plan = { entry, load: noted, options, warms: true, ended: () => end() }
      if (!loadAhead(engine, space, key, plan)) resolve('fresh')
    })
  }

  #hasCopy(key: CacheKey): boolean {
    const { engine, space } = this.#parts
    const now = engine.clock.monotonic()
    const entry = space.memory?.find(key, now)
    return entry !== undefined && now < entry.servedUntil && copyStands(engine, space, key, entry)
  }

  async #located(key: CacheKey): Promise<MemoryEntry | undefined> {
    const { engine, space } = this.#parts
    return (await locate(engine, space, key))?.entry
  }

  /** As the shared tier has it, of which a copy is kept. */
  async #copied(key: CacheKey): Promise<MemoryEntry | undefined> {
    const { engine, space } = this.#parts
    await lookup(engine, space, key, {
      load: undefined,
      options: space.options,
      signal: undefined,
      mode: 'shared',
      reason: 'miss',
      minVersion: undefined,
      timeouts: space.timeouts,
      asked: undefined,
      warms: true,
    })
    return this.#copy(key)
  }

  /** A fresh one that nothing known here speaks against; it may be served no longer. */
  #copy(key: CacheKey): MemoryEntry | undefined {
    const { engine, space } = this.#parts
    const now = engine.clock.monotonic()
    const entry = space.memory?.find(key, now)
    if (entry === undefined || entry.absent || now >= entry.freshUntil) return undefined
    const blind = entry.shared?.blind === true
    return blind || !copyStands(engine, space, key, entry) ? undefined : entry
  }

  async #look(
    key: CacheKey,
    what: {
      readonly load: Load
      readonly options: ResolvedEntryOptions
      readonly anew: boolean
      readonly signal: AbortSignal
    },
  ): Promise<Outcome> {
    const { engine, space } = this.#parts
    const { load, options, anew, signal } = what
    const answer = await lookup(engine, space, key, {
      load,
      options,
      signal,
      mode: anew ? 'source' : 'all',
      reason: anew ? 'refresh' : 'miss',
      minVersion: undefined,
      timeouts: space.timeouts,
      // The lease tells whether there is an entry as well as a read would, a round trip sooner.
      asked: anew || engine.shared === undefined ? undefined : 'missed',
      warms: true,
    })
    return outcomeOf(answer)
  }
}

/** Of a longer life no more is given up for a load that is slow. */
const MOST_LOADING = 0.5

/** Whether it could still be loaded anew before it ends once so much time has passed. */
function outlives({ freshUntil, loadMs = 0, ttlMs }: MemoryEntry, now: number, ms: number) {
  return freshUntil - now > ms + Math.min(loadMs, ttlMs * MOST_LOADING)
}

const NOTHING: WarmTally = { loaded: 0, fresh: 0, absent: 0, failed: 0, error: undefined }

function outcomeOf(answer: Answer): Outcome {
  if (answer.tier !== 'source') return 'fresh'
  return answer.found ? 'loaded' : 'absent'
}

const keyOf = (item: WarmItem): CacheKey => (typeof item === 'object' ? item[0] : item)

async function tally(work: readonly Promise<Outcome>[]): Promise<WarmTally> {
  const sum = { loaded: 0, fresh: 0, absent: 0 }
  let failed = 0
  let error: unknown
  for (const one of await Promise.allSettled(work)) {
    if (one.status === 'fulfilled') {
      sum[one.value] += 1
      continue
    }
    failed += 1
    error ??= one.reason
  }
  return { ...sum, failed, error }
}

function resolveOptions(options: EntryOptions, { options: base }: Space): ResolvedEntryOptions {
  return resolveEntryOptions(options, { base, path: '', refuse: refuseArgument })
}
