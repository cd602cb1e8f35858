/**
 * The calls that plain keys and collections share, over one space.
 *
 * `get` and `getOrLoad` begin with the hit path: one look into this process, no promise of their
 * own, nothing allocated. Whatever that leaves open goes to `lookup.ts`.
 */

import type { Readable } from '../contracts/collection.ts'
import { ArgumentError } from '../contracts/errors.ts'
import type {
  CallOptions,
  DeleteOptions,
  Duration,
  EntryOptions,
  ReadMode,
  VersionToken,
} from '../contracts/options.ts'
import type { Inspection, Reading } from '../contracts/reading.ts'
import type {
  BatchReport,
  DeletionReceipt,
  DeletionReport,
  InvalidationReceipt,
} from '../contracts/receipts.ts'
import type { CacheKey, LoadContext } from '../contracts/source.ts'
import { checkKey } from '../keys/key-encoding.ts'
import { type Answer, readingFrom } from './answer.ts'
import { CALLS, checkCall } from './check-call.ts'
import { countedLookup } from './counted-lookup.ts'
import { DEFAULTS } from './defaults.ts'
import { checkOpen, type Engine } from './engine.ts'
import { checkMany, checkWord, refuseArgument } from './field-check.ts'
import type { Asked } from './flight.ts'
import { type Look, ManyAsker, type ManyLook, OneAsker } from './hit-askers.ts'
import { distinct, fewDistinct, inSlices, ofSlices, TURN_BATCH } from './in-slices.ts'
import { inspectEntry } from './inspection.ts'
import { scanKeys } from './key-scan.ts'
import { touchEntry, ttlOf } from './lifetimes.ts'
import { type Load, loadOne } from './loads.ts'
import type { LookupRequest } from './lookup.ts'
import { noteActivity } from './note-read.ts'
import { needsFlight, needsLookup } from './plain-call.ts'
import type { AheadLoad } from './refresh-ahead.ts'
import { clearSpace, deleteKey, deleteKeys, expireKey, removePattern } from './removals.ts'
import { type ResolvedEntryOptions, resolveEntryOptions } from './resolve-entry-options.ts'
import { resolveTimeouts } from './resolve-timeouts.ts'
import { setValue, setValues } from './set-values.ts'
import type { SharedHits } from './shared-hits.ts'
import type { Space } from './space.ts'
import { asksShared } from './switch-mode.ts'
import { untilAborted } from './until-aborted.ts'
import { readVersionToken } from './version-token.ts'
import { unconfirmedBy } from './wait-connected.ts'

const WAITS = ['local', 'connected'] as const
const READ_MODES: readonly ReadMode[] = ['all', 'memory', 'shared', 'source']

/** A loader that comes with the call. */
export type OwnLoader<K, V> = (context: LoadContext<K>) => Promise<V> | V

export class Keyspace<K extends CacheKey, V> implements Readable<K, V> {
  readonly #engine: Engine
  readonly #space: Space
  readonly #hits: SharedHits | undefined

  constructor(engine: Engine, space: Space, hits: SharedHits | undefined) {
    this.#engine = engine
    this.#space = space
    this.#hits = hits
  }

  /** Of every entry, as declared here and for the whole cache. */
  get tags(): readonly string[] {
    return this.#space.options.tags
  }

  get(key: K, options?: CallOptions): Promise<V | undefined> {
    return this.#hit(key, options) ?? this.#beyond(key, this.#space.load, options)
  }

  read(key: K, options?: CallOptions): Promise<Reading<V>> {
    return this.#reading(key, this.#space.load, options)
  }

  async getMany(keys: Iterable<K>, options?: CallOptions): Promise<Map<K, V>> {
    checkCall(options, CALLS.call)
    const found = new Map<K, V>()
    const add = (slice: readonly K[], values: readonly (V | undefined)[]): void => {
      for (let at = 0; at < values.length; at += 1) {
        const value = values[at]
        if (value !== undefined) found.set(slice[at] as K, value)
      }
    }
    const read = (slice: readonly K[]): Promise<readonly (V | undefined)[]> =>
      this.#valuesOf(slice, options)
    const few = fewDistinct(checkMany(keys, 'keys'))
    if (few !== undefined) {
      add(few, await read(few))
      return found
    }
    const slices = inSlices(this.#engine.clock, distinct(keys), TURN_BATCH)
    for await (const [slice, values] of ofSlices(slices, read)) add(slice, values)
    return found
  }

  peek(key: K, options?: CallOptions): Promise<V | undefined> {
    return this.#hit(key, options) ?? this.#beyond(key, undefined, options)
  }

  async has(key: K, options?: CallOptions): Promise<boolean> {
    return (await this.#answer(key, undefined, options)).found
  }

  delete(key: K, options?: DeleteOptions): Promise<DeletionReceipt> {
    const work = async (): Promise<DeletionReceipt> => {
      const wait = checkWord(options?.wait ?? DEFAULTS.deletion.wait, WAITS, {
        field: 'wait',
        refuse: refuseArgument,
      })
      const receipt = await deleteKey(this.#engine, this.#space, key)
      return wait === 'connected' ? await this.#confirmed(receipt, options) : receipt
    }
    return this.#change(options, work, CALLS.delete)
  }

  invalidatePattern(pattern: string, options?: CallOptions): Promise<InvalidationReceipt> {
    return this.#change(options, () => removePattern(this.#engine, this.#space, pattern))
  }

  deleteMany(keys: Iterable<K>, options?: CallOptions): Promise<DeletionReport<K>> {
    return this.#change(
      options,
      () =>
        deleteKeys(this.#engine, this.#space, checkMany(keys, 'keys')) as Promise<
          DeletionReport<K>
        >,
    )
  }

  clear(options?: CallOptions): Promise<InvalidationReceipt> {
    return this.#change(options, () => clearSpace(this.#engine, this.#space))
  }

  expire(key: K, options?: CallOptions): Promise<InvalidationReceipt> {
    return this.#change(options, () => expireKey(this.#engine, this.#space, key))
  }

  touch(key: K, ttl?: Duration | 'none', options?: CallOptions): Promise<boolean> {
    return this.#change(options, () => {
      noteActivity(this.#engine, this.#space, key)
      return touchEntry(this.#engine, this.#space, key, ttl)
    })
  }

  ttl(key: K, options?: CallOptions): Promise<number | undefined> {
    return this.#change(options, () => ttlOf(this.#engine, this.#space, key))
  }

  noteActivity(key: K): void {
    checkOpen(this.#engine)
    checkKey(key)
    noteActivity(this.#engine, this.#space, key)
  }

  inspect(key: K, options?: CallOptions): Promise<Inspection | undefined> {
    return this.#change(options, () => inspectEntry(this.#engine, this.#space, key))
  }

  async *keys(pattern = '*', options?: CallOptions): AsyncGenerator<K> {
    checkOpen(this.#engine)
    checkCall(options, CALLS.call)
    options?.signal?.throwIfAborted()
    yield* scanKeys(this.#engine, this.#space, pattern, options?.signal) as AsyncGenerator<K>
  }

  getOrLoad(
    key: K,
    loader: OwnLoader<K, V>,
    options?: EntryOptions & CallOptions,
  ): Promise<V | undefined> {
    return this.#hit(key, options) ?? this.#beyondOwn(key, loader, options)
  }

  readOrLoad(
    key: K,
    loader: OwnLoader<K, V>,
    options?: EntryOptions & CallOptions,
  ): Promise<Reading<V>> {
    return this.#reading(key, this.#own(loader), options)
  }

  /** Loads although the entry is fresh, by `loader` or from the collection's source. */
  async refresh(
    key: K,
    loader: OwnLoader<K, V> | undefined,
    options?: EntryOptions & CallOptions,
  ): Promise<V | undefined> {
    checkCall(options, CALLS.entry)
    const load = loader === undefined ? this.#space.load : this.#own(loader)
    return await this.#value(key, load, { ...options, read: 'source' })
  }

  set(key: K, value: V, options?: EntryOptions & CallOptions): Promise<VersionToken> {
    const work = (): Promise<VersionToken> =>
      setValue(this.#engine, this.#space, { key, value, options: this.#entryOptions(options) })
    return this.#change(options, work, CALLS.entry)
  }

  setMany(
    entries: Iterable<readonly [K, V]>,
    options?: EntryOptions & CallOptions,
  ): Promise<BatchReport<K>> {
    const set = (): Promise<BatchReport<CacheKey>> =>
      setValues(
        this.#engine,
        this.#space,
        checkMany(entries, 'entries'),
        this.#entryOptions(options),
      )
    return this.#change(options, set as () => Promise<BatchReport<K>>, CALLS.entry)
  }

  #hit(key: K, options: CallOptions | undefined): Promise<V | undefined> | undefined {
    const { memory, counters, pattern, reads } = this.#space
    reads?.count(key)
    if (memory === undefined) return undefined
    // What are no options is refused by the first miss.
    if (options !== undefined && options !== null && needsLookup(options)) return undefined
    const { clock } = this.#engine
    const now = clock.monotonic()
    const hit = memory.hit(key, now)
    if (hit === undefined) return undefined
    counters.hits += 1
    if (counters.hits === counters.sampledAt) {
      counters.sample(this.#engine.report, key, clock.monotonic() - now)
    }
    this.#engine.log.read?.(pattern, 'memory', true)
    return hit as Promise<V | undefined>
  }

  /**
   * What this process does not hold. Apart from the hit path, which must not make room for what the
   * functions here remember.
   */
  #beyond(
    key: K,
    load: Load | undefined,
    options: (EntryOptions & CallOptions) | undefined,
  ): Promise<V | undefined> {
    const lookUp = (asked: Asked | undefined): Promise<V | undefined> =>
      this.#value(key, load, options, asked)
    const ahead = this.#nearsItsEnd(options) ? this.#ahead(options, load) : undefined
    return this.#fromShared(key, options, { loads: load !== undefined, ahead, lookUp })
  }

  #beyondOwn(
    key: K,
    loader: OwnLoader<K, V>,
    options: (EntryOptions & CallOptions) | undefined,
  ): Promise<V | undefined> {
    const lookUp = (asked: Asked | undefined): Promise<V | undefined> =>
      this.#value(key, this.#own(loader), options, asked)
    const ahead = this.#nearsItsEnd(options) ? this.#ahead(options, this.#own(loader)) : undefined
    return this.#fromShared(key, options, { loads: true, ahead, lookUp })
  }

  /** From the shared tier if it is fresh there, else by looking it up. */
  #fromShared(
    key: K,
    options: (EntryOptions & CallOptions) | undefined,
    look: Look<V>,
  ): Promise<V | undefined> {
    const space = this.#space
    const hits = asksShared(space) ? this.#hits : undefined
    const plain = options === undefined || (options !== null && !needsFlight(options))
    if (hits === undefined || !plain) return look.lookUp(undefined)
    try {
      if (options !== undefined) this.#entryOptions(options)
    } catch (error) {
      return Promise.reject(error)
    }
    const crowd = hits.crowd(space, key, look.loads)
    if (crowd !== undefined) return crowd as Promise<V | undefined>
    if (!hits.takes(space, key)) return look.lookUp(undefined)
    const { promise, resolve, reject } = Promise.withResolvers<V | undefined>()
    try {
      hits.askAlone(space, key, new OneAsker<V>(look, space.declaredMemory, resolve), promise)
    } catch (error) {
      reject(error)
    }
    return promise
  }

  /** All are asked for before any is awaited, so that they travel together. */
  #valuesOf(
    keys: readonly K[],
    options: CallOptions | undefined,
  ): Promise<readonly (V | undefined)[]> {
    const space = this.#space
    const hits = asksShared(space) ? this.#hits : undefined
    const plain = options === undefined || !needsFlight(options)
    if (hits === undefined || !plain) {
      return Promise.all(keys.map((key) => this.get(key, options)))
    }
    const lookUp = (at: number, asked: Asked | undefined): Promise<V | undefined> =>
      this.#value(keys[at] as K, space.load, options, asked)
    if (keys.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const loads = space.load !== undefined
      const ahead = this.#nearsItsEnd(options) ? this.#ahead(options, space.load) : undefined
      const look: ManyLook<V> = { loads, ahead, count: keys.length, lookUp, resolve, reject }
      const asker = new ManyAsker<V>(look, space.declaredMemory)
      for (let at = 0; at < keys.length; at += 1) {
        const key = keys[at] as K
        const local = this.#hit(key, options)
        if (local !== undefined) asker.wait(local, at)
        else if (hits.takes(space, key)) hits.ask(space, key, { asker, at })
        else asker.wait(lookUp(at, undefined), at)
      }
    })
  }

  /** Whether entries are loaded anew before they end. */
  #nearsItsEnd(options: (EntryOptions & CallOptions) | undefined): boolean {
    const asked = options?.refreshAhead ?? this.#space.options.refreshAhead
    return asked !== undefined && asked !== 'off'
  }

  /** Of options that are refused, nothing; whoever reads by them is told. */
  #ahead(
    options: (EntryOptions & CallOptions) | undefined,
    load: Load | undefined,
  ): AheadLoad | undefined {
    try {
      return load && { load, options: this.#entryOptions(options) }
    } catch {
      return undefined
    }
  }

  #own(loader: OwnLoader<K, V>): Load {
    return loadOne(this.#engine.clock, (_key, context) => {
      if (typeof loader !== 'function') {
        throw new ArgumentError({ field: 'load', expected: 'a function', actual: loader })
      }
      return loader(context as unknown as LoadContext<K>)
    })
  }

  async #value(
    key: K,
    load: Load | undefined,
    options: (EntryOptions & CallOptions) | undefined,
    asked?: Asked,
  ): Promise<V | undefined> {
    const answer = await this.#answer(key, load, options, asked)
    return answer.found ? (answer.value as V) : undefined
  }

  async #reading(
    key: K,
    load: Load | undefined,
    options: (EntryOptions & CallOptions) | undefined,
  ): Promise<Reading<V>> {
    this.#space.reads?.count(key)
    const answer = await this.#answer(key, load, options)
    return readingFrom(answer, this.#engine.clock.monotonic())
  }

  #answer(
    key: K,
    load: Load | undefined,
    options: (EntryOptions & CallOptions) | undefined,
    asked?: Asked,
  ): Promise<Answer> {
    return countedLookup(this.#engine, this.#space, key, this.#request(load, options, asked))
  }

  #request(
    load: Load | undefined,
    options: (EntryOptions & CallOptions) | undefined,
    asked: Asked | undefined,
  ): LookupRequest {
    const mode = options?.read ?? DEFAULTS.read
    checkWord(mode, READ_MODES, { field: 'read', refuse: refuseArgument })
    return {
      load,
      options: this.#entryOptions(options),
      mode,
      minVersion:
        options?.minVersion === undefined ? undefined : readVersionToken(options.minVersion),
      signal: options?.signal,
      timeouts: resolveTimeouts(options?.timeouts, {
        base: this.#space.timeouts,
        path: '',
        refuse: refuseArgument,
      }),
      reason: mode === 'source' ? 'refresh' : 'miss',
      asked,
    }
  }

  #entryOptions(options: EntryOptions | undefined): ResolvedEntryOptions {
    const base = this.#space.options
    if (options === undefined) return base
    checkCall(options, CALLS.entry)
    return resolveEntryOptions(options, { base, path: '', refuse: refuseArgument })
  }

  async #confirmed(
    receipt: DeletionReceipt,
    options: CallOptions | undefined,
  ): Promise<DeletionReceipt> {
    const { hardMs } = resolveTimeouts(options?.timeouts, {
      base: this.#space.timeouts,
      path: '',
      refuse: refuseArgument,
    })
    const unconfirmed = await unconfirmedBy(this.#engine, receipt.version, hardMs)
    return { ...receipt, unconfirmed }
  }

  async #change<T>(
    options: CallOptions | undefined,
    work: () => Promise<T>,
    known: Readonly<Record<string, true>> = CALLS.call,
  ): Promise<T> {
    checkOpen(this.#engine)
    checkCall(options, known)
    const begun = async (): Promise<T> => {
      await this.#engine.shared?.coherence.beginning
      return await work()
    }
    // Waited for by `close`, so that a change that the tier refuses still reaches the outbox.
    return await untilAborted(options?.signal, () => this.#engine.background.watch(begun()))
  }
}
