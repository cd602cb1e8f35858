/**
 * What switching a collection promises while several instances of one cache read and write, as data: run
 * with the other cases of several instances over each shared tier.
 */

import assert from 'node:assert/strict'
import type { Cache, CacheMode, Collection, VersionToken } from '../../src/index.ts'
import type { Instances, InstancesCase } from './instances-cases.ts'

/** What a switch of the fleet may take, and the steps in which it is looked for. */
const HEARD_MS = 5_000
const STEP_MS = 250

const fleetCases: readonly InstancesCase[] = [
  {
    title: 'a switch of the fleet reaches every instance within 5 s, and those that start later',
    run: async (instances) => {
      const [one, two] = [thingsOf(instances.open()), thingsOf(instances.open())]
      await one.get('a')
      await one.setMode('off', { scope: 'fleet' })
      assert.equal(one.mode(), 'off')
      await heard(instances, two, 'off')
      const late = instances.open()
      await heard(instances, thingsOf(late), 'off')
      // One that is declared when the fleet is known already.
      await late.setMode('memory', { scope: 'fleet' })
      await heard(instances, { mode: () => one.mode() }, 'off')
      await two.setMode('on', { scope: 'fleet' })
      await heard(instances, one, 'on')
    },
  },
  {
    title: 'a switch of the fleet is known to a collection that is declared later',
    run: async (instances) => {
      await thingsOf(instances.open()).setMode('shared', { scope: 'fleet' })
      const late = instances.open()
      for (let waited = 0; waited < 1_000; waited += STEP_MS) await instances.pass(STEP_MS)
      assert.equal(thingsOf(late).mode(), 'shared')
    },
  },
  {
    title:
      'a clear loses no switch of the fleet, and whoever switches one instance later is let be',
    run: async (instances) => {
      const caches = [instances.open(), instances.open()] as const
      const [one, two] = [thingsOf(caches[0]), thingsOf(caches[1])]
      await one.setMode('off', { scope: 'fleet' })
      await heard(instances, two, 'off')
      await two.setMode('on')
      await caches[0].clear()
      for (let waited = 0; waited < 3_000; waited += STEP_MS) await instances.pass(STEP_MS)
      assert.deepEqual([one.mode(), two.mode()], ['off', 'on'])
      await heard(instances, thingsOf(instances.open()), 'off')
    },
  },
  {
    title: 'switches of several instances at one moment are all known in the end',
    run: async (instances) => {
      const caches = [instances.open(), instances.open(), instances.open()]
      const names = ['x', 'y', 'z']
      const all = caches.map((cache) => names.map((name) => thingsOf(cache, name)))
      const switching = all.map((of, at) => of[at]?.setMode('off', { scope: 'fleet' }))
      await Promise.all(switching)
      for (const collection of all.flat()) await heard(instances, collection, 'off')
    },
  },
]

async function heard(
  instances: Instances,
  collection: Pick<Collection<string, number>, 'mode'>,
  mode: CacheMode,
): Promise<void> {
  for (let waited = 0; collection.mode() !== mode; waited += STEP_MS) {
    assert.ok(waited < HEARD_MS, `still ${collection.mode()} after ${HEARD_MS} ms`)
    await instances.pass(STEP_MS)
  }
}

function thingsOf(cache: Cache, name = 'thing'): Collection<string, number> {
  return cache.collection<string, number>(name, { source: () => 1 })
}

const KEYS = ['a', 'b', 'c'] as const
type Key = (typeof KEYS)[number]
const INSTANCES = 3
const TASKS = 6
const OPERATIONS = 60
const MODES = ['on', 'on', 'memory', 'shared', 'off'] as const

interface Ended {
  readonly version: number
  readonly token: VersionToken
  readonly by: number
}

/** Readers, writers and somebody who switches; the source keeps versions that only grow. */
class Fleet {
  readonly #collections: readonly Collection<string, number>[]
  readonly #rows = new Map<string, number>(KEYS.map((key) => [key, 0]))
  /** The newest version of each key whose write has ended. */
  readonly #ended = new Map<Key, Ended>()
  readonly #writing = new Set<Key>()
  readonly #draw: () => number
  #version = 0

  constructor(instances: Instances, put: 'around' | 'through' | 'behind') {
    this.#draw = draws(7)
    this.#collections = Array.from({ length: INSTANCES }, () => {
      return instances.open().collection<string, number>('thing', {
        store: {
          load: (key) => this.#rows.get(key),
          apply: async (writes) => {
            for (const write of writes) {
              if (write.kind !== 'remove') this.#rows.set(write.key, write.value)
            }
            return writes.map(() => ({ kind: 'applied' as const }))
          },
          fencing: 'unfenced',
        },
        write: { put },
        ...(put === 'behind' ? { behind: { delay: '20ms' } } : {}),
      })
    })
  }

  async task(): Promise<void> {
    for (let done = 0; done < OPERATIONS; done += 1) {
      const at = this.#below(INSTANCES)
      const key = KEYS[this.#below(KEYS.length)] as Key
      const drawn = this.#draw()
      if (drawn < 0.12) {
        const mode = MODES[this.#below(MODES.length)] as CacheMode
        await this.#at(at).setMode(mode, { scope: drawn < 0.02 ? 'fleet' : 'instance' })
      } else if (drawn < 0.35) await this.#write(key, at)
      else await this.#read(key, at, drawn < 0.7 ? 'own' : 'any')
    }
  }

  /** Whoever closes later has nothing to wait for. */
  async flush(): Promise<void> {
    await Promise.all(this.#collections.map((collection) => collection.flush()))
  }

  /** Nobody writes any more. */
  async readAll(): Promise<void> {
    for (const collection of this.#collections) {
      for (const key of KEYS) {
        assert.equal(await collection.get(key), this.#ended.get(key)?.version ?? 0)
      }
    }
  }

  /** A writer sees its own write on the hit path; with the token of a write, everybody sees it. */
  async #read(key: Key, at: number, how: 'own' | 'any'): Promise<void> {
    const ended = this.#ended.get(key)
    const collection = this.#at(at)
    const { mode } = collection
    const value =
      how === 'own'
        ? await collection.get(key)
        : await collection.get(key, { minVersion: ended?.token })
    const judged = how === 'any' || ended?.by === at
    const floor = judged ? (ended?.version ?? 0) : 0
    const words = `instance ${at} (${mode.call(collection)}) answered ${value} for ${key}, though ${floor} had ended`
    assert.ok(value !== undefined && value >= floor, words)
  }

  async #write(key: Key, at: number): Promise<void> {
    if (this.#writing.has(key)) return
    this.#writing.add(key)
    try {
      this.#version += 1
      const version = this.#version
      const receipt = await this.#at(at).put(key, version)
      if (receipt.protected) this.#ended.set(key, { version, token: receipt.version, by: at })
    } finally {
      this.#writing.delete(key)
    }
  }

  #at(at: number): Collection<string, number> {
    return this.#collections[at] as Collection<string, number>
  }

  #below(most: number): number {
    return Math.floor(this.#draw() * most)
  }
}

/** The same each time (mulberry32). */
function draws(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const loadCases = (['around', 'through', 'behind'] as const).map(
  (put): InstancesCase => ({
    title: `switched to and fro under load, no read goes back behind a write: ${put}`,
    run: async (instances) => {
      const fleet = new Fleet(instances, put)
      let over = false
      const tasks = Array.from({ length: TASKS }, () => fleet.task())
      const work = Promise.all(tasks)
        .then(() => fleet.flush())
        .finally(() => {
          over = true
        })
      const passing = (async () => {
        while (!over) await instances.pass(5)
      })()
      await work
      await passing
      await instances.eventually(() => fleet.readAll())
    },
  }),
)

export const SWITCH_CASES: readonly InstancesCase[] = [...fleetCases, ...loadCases]
