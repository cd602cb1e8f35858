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
import type { ForecastState } from './forecast-state.ts'
import { scanKeys } from './key-scan.ts'
import { locate } from './lifetimes.ts'
import type { Load } from './loads.ts'
import { copyStands } from './local-read.ts'
import { lookup } from './lookup.ts'
import { loadAhead } from './refresh-ahead.ts'
import { type ResolvedEntryOptions, resolveEntryOptions } from './resolve-entry-options.ts'
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
    let options: ResolvedEntryOptions
    try {
      options = resolveOptions(job.options, space)
    } catch (error) {
      return { ...NOTHING, failed: items.length, error }
    }
    return await tally(items.map((item) => this.#warmOne(item, job, options)))
  }

  async renew(
    keys: readonly CacheKey[],
    { options: given = {}, ...job }: Parameters<WarmTarget['renew']>[1],
  ): Promise<WarmTally> {
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

  async #warmOne(item: WarmItem, job: WarmJob, options: ResolvedEntryOptions): Promise<Outcome> {
    const key = typeof item === 'object' ? item[0] : item
    if (job.load === 'missing' && this.#hasCopy(key)) return 'fresh'
    const load = this.#loadOf(item, job.mark)
    return await this.#look(key, { load, options, anew: job.load === 'all', signal: job.signal })
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
    const { engine, space, load } = this.#parts
    if (load === undefined) return 'fresh'
    const entry = (await locate(engine, space, key))?.entry
    const now = engine.clock.monotonic()
    if (entry === undefined || entry.absent || entry.freshUntil <= now) {
      // It is asked for often, and somebody would have to wait for it.
      return await this.#look(key, { load, options, anew: false, signal })
    }
    if (entry.freshUntil - now > withinMs) return 'fresh'
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

const NOTHING: WarmTally = { loaded: 0, fresh: 0, absent: 0, failed: 0, error: undefined }

function outcomeOf(answer: Answer): Outcome {
  if (answer.tier !== 'source') return 'fresh'
  return answer.found ? 'loaded' : 'absent'
}

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
