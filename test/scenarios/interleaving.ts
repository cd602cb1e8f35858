/**
 * Readers and writers of a few keys, with the order of everything that happens chosen by a seed, and
 * a judge who knows what the source held when.
 *
 * The judge's rule: a read that begins after a write has ended answers with that write or a later
 * one. Versions of a key only grow in the source, so one comparison judges a read. Where there are
 * several instances, one may share a load that began before another's write; there the rule is
 * applied to reads at quiet moments, when nothing is under way any more.
 */

import type * as Library from '../../src/index.ts'
import type * as MemoryRoom from '../../src/memory/index.ts'
import type * as TestingRoom from '../../src/testing/index.ts'

export interface Rooms {
  readonly library: typeof Library
  readonly memory: typeof MemoryRoom
  readonly testing: typeof TestingRoom
}

/** Which caches there are. Copies in several processes are kept coherent by what is not there yet. */
export type Setting =
  | 'memory alone'
  | 'both tiers'
  | 'both tiers, slow answers'
  | 'two instances, shared alone'
  | 'memory alone, switched'
  | 'both tiers, switched'

export const SETTINGS: readonly Setting[] = [
  'memory alone',
  'both tiers',
  'both tiers, slow answers',
  'two instances, shared alone',
  'memory alone, switched',
  'both tiers, switched',
]

/** What the collection is switched to meanwhile; in none of them may a read go back. */
const MODES: Partial<Record<Setting, readonly Library.CacheMode[]>> = {
  'memory alone, switched': ['on', 'on', 'memory', 'off'],
  'both tiers, switched': ['on', 'on', 'memory', 'shared', 'off'],
}

export interface Outcome {
  readonly seed: number
  readonly setting: Setting
  readonly violation: string | undefined
  readonly digest: number
  readonly reads: number
  /** Of the reads that tell, those that a tier answered: a cache that never hits proves nothing. */
  readonly hits: number
}

const KEYS = ['a', 'b', '__proto__'] as const
type Key = (typeof KEYS)[number]
const TAGS: Readonly<Record<Key, readonly string[]>> = {
  a: ['red'],
  b: ['red', 'blue'],
  ['__proto__']: [],
}
const TASKS = 4
const ROUNDS = 5
const OPERATIONS = 5

/** Failures are part of the play. */
const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

export async function interleave(rooms: Rooms, seed: number, setting: Setting): Promise<Outcome> {
  const timerShare = setting === 'both tiers, slow answers' ? 0.05 : 0
  const scheduler = new rooms.testing.SeededScheduler({ seed, timerShare })
  const world = new World(rooms, scheduler, setting)
  await scheduler.run(() => world.play())
  const { violation, reads, hits } = world
  return { seed, setting, violation, digest: scheduler.digest, reads, hits }
}

type Collection = Library.Collection<string, number>

class World {
  violation: string | undefined
  reads = 0
  hits = 0
  readonly #scheduler: TestingRoom.SeededScheduler
  readonly #caches: readonly Library.Cache[]
  readonly #collections: readonly Collection[]
  readonly #rows = new Map<Key, number>(KEYS.map((key) => [key, 0]))
  /** The newest version whose write has ended, announced to all. */
  readonly #ended = new Map<Key, number>(KEYS.map((key) => [key, 0]))
  readonly #writing = new Set<Key>()
  readonly #modes: readonly Library.CacheMode[]
  #version = 0

  constructor(rooms: Rooms, scheduler: TestingRoom.SeededScheduler, setting: Setting) {
    this.#scheduler = scheduler
    this.#modes = MODES[setting] ?? []
    const slow = setting === 'both tiers, slow answers'
    const tier = gatedTier(rooms.memory.memoryTier(), scheduler)
    const tiers = {
      'memory alone': {},
      'both tiers': { shared: tier },
      'both tiers, slow answers': { shared: tier },
      'two instances, shared alone': { shared: tier, memory: 'off' },
      'memory alone, switched': {},
      'both tiers, switched': { shared: tier },
    } as const
    const names = setting === 'two instances, shared alone' ? [1, 2] : [1]
    this.#caches = names.map(() =>
      rooms.library.createCache(
        {
          name: 'world',
          logger: SILENT,
          ...tiers[setting],
          defaults: { ttl: '1h', jitter: 0, timeouts: { hard: slow ? '5s' : '1h' } },
        },
        { clock: scheduler, random: scheduler.random },
      ),
    )
    this.#collections = this.#caches.map((cache) => this.#collection(cache))
  }

  async play(): Promise<void> {
    for (let round = 0; round < ROUNDS; round += 1) {
      await Promise.all(Array.from({ length: TASKS }, () => this.#task()))
      await this.#readAll()
    }
    await Promise.all(this.#caches.map((cache) => cache.close()))
  }

  async #task(): Promise<void> {
    for (let i = 0; i < OPERATIONS; i += 1) {
      if (this.violation !== undefined) return
      await this.#scheduler.turn('think')
      const key = this.#scheduler.random.pick(KEYS)
      const at = this.#scheduler.random.below(this.#caches.length)
      if (this.#modes.length > 0 && this.#scheduler.random.next() < 0.15) {
        await this.#collections[at]?.setMode(this.#scheduler.random.pick(this.#modes))
      }
      if (this.#scheduler.random.next() < 0.7) await this.#read(key, at)
      else await this.#write(key, at)
    }
  }

  /** Nothing is under way now, so that every instance must know better. */
  async #readAll(): Promise<void> {
    for (const at of this.#caches.keys()) {
      for (const key of KEYS) await this.#read(key, at, 'quiet')
    }
  }

  async #read(key: Key, at: number, moment: 'busy' | 'quiet' = 'busy'): Promise<void> {
    const floor = this.#ended.get(key) ?? 0
    const collection = this.#collections[at] as Collection
    const form = moment === 'quiet' ? 'get' : this.#scheduler.random.pick(FORMS)
    const reading = await readAs(form, collection, key).catch(timedOut)
    if (reading === undefined) return
    if (form === 'read') this.reads += 1
    if (reading.tier !== 'source' && form === 'read') this.hits += 1
    const value = reading.found ? reading.value : -1
    const judged = moment === 'quiet' || this.#caches.length === 1
    if (judged && value < floor) {
      this.violation ??= `a read of ${key} answered ${value} from ${reading.tier}, though ${floor} had ended before it began`
    }
  }

  async #write(key: Key, at: number): Promise<void> {
    if (this.#writing.has(key)) return
    this.#writing.add(key)
    try {
      const cache = this.#caches[at] as Library.Cache
      const collection = this.#collections[at] as Collection
      const done = await this.#change(key, cache, collection)
      if (done !== undefined) this.#ended.set(key, Math.max(done, this.#ended.get(key) ?? 0))
    } finally {
      this.#writing.delete(key)
    }
  }

  /** Writes the source and tells the cache in one of the ways there are; the version, if all heard. */
  async #change(
    key: Key,
    cache: Library.Cache,
    collection: Collection,
  ): Promise<number | undefined> {
    const way = this.#scheduler.random.pick(['delete', 'tags', 'clear', 'clear all', 'put', 'put'])
    if (way === 'put') {
      this.#version += 1
      const version = this.#version
      const receipt = await collection.put(key, version).catch(timedOut)
      if (receipt === undefined) return undefined
      return this.#known(receipt.protected === true) ? version : undefined
    }
    const version = await this.#commit(key)
    const tags = TAGS[key]
    const receipt =
      way === 'tags' && tags.length > 0
        ? await cache.invalidateTags([this.#scheduler.random.pick(tags)])
        : way === 'clear'
          ? await collection.clear()
          : way === 'clear all'
            ? await cache.clear()
            : await collection.delete(key)
    return this.#known(receipt.state === 'done') ? version : undefined
  }

  /** What the tier has not heard yet, the instance that wrote knows all the same. */
  #known(told: boolean): boolean {
    return told || this.#caches.length === 1
  }

  async #commit(key: Key, version?: number, signal?: AbortSignal): Promise<number> {
    await this.#scheduler.turn('source writes')
    // A source with a deadline: a write that was given up is not carried out later.
    signal?.throwIfAborted()
    if (version === undefined) this.#version += 1
    const written = version ?? this.#version
    this.#rows.set(key, written)
    await this.#scheduler.turn('source has written')
    return written
  }

  #collection(cache: Library.Cache): Collection {
    return cache.collection<string, number>('things', {
      store: {
        fencing: 'unfenced',
        load: async (key) => {
          await this.#scheduler.turn('source reads')
          const version = this.#rows.get(key as Key)
          await this.#scheduler.turn('source has read')
          return version
        },
        apply: async ([write], { signal }) => {
          if (write?.kind === 'put') await this.#commit(write.key as Key, write.value, signal)
          return [{ kind: 'applied' }]
        },
      },
      tagsOf: (_value, key) => TAGS[key as Key],
    })
  }
}

const FORMS = ['read', 'read', 'read', 'get', 'get', 'get', 'get', 'refresh'] as const

/** `get` takes the hit path, which `read` does not. */
async function readAs(
  form: (typeof FORMS)[number],
  collection: Collection,
  key: Key,
): Promise<Library.Reading<number>> {
  if (form === 'read') return await collection.read(key)
  const value = await (form === 'get' ? collection.get(key) : collection.refresh(key))
  const tier = form === 'get' ? 'memory' : 'source'
  return { found: true, value: value ?? -1, tier, ageMs: 0, stale: false }
}

/** Slow answers may take a call past its time; what it did is then unknown, and not judged. */
function timedOut(error: unknown): undefined {
  if (error instanceof Error && /timeout|took longer/.test(error.message)) return undefined
  throw error
}

/** Each step and its answer come when the seed says so. */
function gatedTier(
  tier: Library.SharedTier,
  scheduler: TestingRoom.SeededScheduler,
): Library.SharedTier {
  return {
    kind: tier.kind,
    open: (context) => scheduler.gate(tier.open(context), 'tier', ['place', 'listen']),
  }
}
