/**
 * What a `Store` is, as cases for any test runner.
 *
 * A case gets a new, empty store whose keys are text and whose values are `StoreSample`s. For a
 * database that is a table with the columns `key` (text, unique), `name` (text) and `count`. What a store
 * may be without is named in `needs`: `versions`, `conflicts`.
 */

import assert from 'node:assert/strict'
import type { StoreOutcome, StoreWrite } from '../contracts/source.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { storeConflictCases } from './store-conflict-cases.ts'
import type { SampleStore, StoreSample } from './store-sample.ts'
import { storeVersionCases } from './store-version-cases.ts'

export type { SampleStore, StoreSample } from './store-sample.ts'

/** Text that breaks whoever builds SQL, JSON or key names by hand, or compares carelessly. */
const HOSTILE: readonly string[] = [
  '',
  ' ',
  "'",
  '"',
  "'; DROP TABLE sample; --",
  '\\',
  '%',
  '_',
  '*',
  '?',
  '$1',
  ':name',
  '{"a":[1]}',
  '[]',
  'null',
  'NaN',
  '0',
  '00',
  '1e3',
  '1000',
  'a',
  'A',
  'a ',
  'é',
  'e\u0301',
  '😀',
  '\u2028',
  'line\nbreak',
  '__proto__',
  'constructor',
  'k'.repeat(1_000),
]

const SAMPLE: StoreSample = { name: 'lamp', count: 3 }

export const storeSuite: readonly ConformanceCase<SampleStore>[] = [
  {
    name: 'a created value is loaded as it was',
    needs: [],
    async run(store) {
      assert.deepEqual(await kinds(store, [create('a')]), ['applied'])
      assert.deepEqual(await contents(store, ['a']), { a: SAMPLE })
    },
  },
  {
    name: 'creating a key that exists is a conflict and changes nothing',
    needs: [],
    async run(store) {
      await kinds(store, [create('a')])
      const again = create('a', { name: 'other', count: 4 })
      assert.deepEqual(await kinds(store, [again]), ['conflict'])
      assert.deepEqual(await contents(store, ['a']), { a: SAMPLE })
    },
  },
  {
    name: 'a put makes the value what was put, whether the key existed or not',
    needs: [],
    async run(store) {
      assert.deepEqual(await kinds(store, [put('a')]), ['applied'])
      assert.deepEqual(await kinds(store, [put('a', { name: 'desk', count: 9 })]), ['applied'])
      assert.deepEqual(await contents(store, ['a']), { a: { name: 'desk', count: 9 } })
    },
  },
  {
    name: 'a removed key is absent, and removing it again is applied too',
    needs: [],
    async run(store) {
      await kinds(store, [put('a'), put('b')])
      assert.deepEqual(await kinds(store, [remove('a')]), ['applied'])
      assert.deepEqual(await kinds(store, [remove('a')]), ['applied'])
      assert.deepEqual(await contents(store, ['a', 'b']), { b: SAMPLE })
    },
  },
  {
    name: 'keys without a value are not in the answer, and nothing else is',
    needs: [],
    async run(store) {
      await kinds(store, [put('a'), put('b'), put('not asked')])
      assert.deepEqual(await contents(store, ['b', 'none', 'a']), { a: SAMPLE, b: SAMPLE })
      assert.deepEqual(await contents(store, ['none']), {})
      assert.deepEqual(await contents(store, []), {})
    },
  },
  {
    name: 'a key that is asked for twice is answered once',
    needs: [],
    async run(store) {
      await kinds(store, [put('a')])
      assert.deepEqual(await contents(store, ['a', 'a', 'none', 'none']), { a: SAMPLE })
    },
  },
  {
    name: 'each write of a batch has its outcome, in order, and a conflict stops nothing',
    needs: [],
    async run(store) {
      await kinds(store, [put('taken')])
      const batch = [create('a'), create('taken'), remove('none'), create('b'), remove('taken')]
      assert.deepEqual(await kinds(store, batch), [
        'applied',
        'conflict',
        'applied',
        'applied',
        'applied',
      ])
      assert.deepEqual(await contents(store, ['a', 'b', 'taken']), { a: SAMPLE, b: SAMPLE })
      assert.deepEqual(await kinds(store, []), [])
    },
  },
  {
    name: 'writes of one key in one batch follow each other',
    needs: [],
    async run(store) {
      const last = { name: 'last', count: 2 }
      const batch = [put('a'), remove('a'), create('a'), create('a'), put('a', last), put('b')]
      assert.deepEqual(await kinds(store, batch), [
        'applied',
        'applied',
        'applied',
        'conflict',
        'applied',
        'applied',
      ])
      assert.deepEqual(await contents(store, ['a', 'b']), { a: last, b: SAMPLE })
    },
  },
  {
    name: 'keys are text and nothing more, whatever characters they have',
    needs: [],
    async run(store) {
      const writes = HOSTILE.map((key, count) => create(key, { name: key, count }))
      assert.deepEqual(
        await kinds(store, writes),
        HOSTILE.map(() => 'applied'),
      )
      const loaded = await load(store, HOSTILE)
      assert.deepEqual(
        HOSTILE.map((key) => loaded.get(key)),
        HOSTILE.map((name, count) => ({ name, count })),
      )
      const [first, ...others] = HOSTILE
      await kinds(store, others.map(remove))
      assert.deepEqual([...(await load(store, HOSTILE)).keys()], [first])
    },
  },
  {
    name: 'values are kept exactly',
    needs: [],
    async run(store) {
      const counts = [0, -1, 0.1, 1e-300, 1e300, 2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 40]
      const writes = counts.map((count) => put(`n${count}`, { name: `n${count}`, count }))
      await kinds(store, writes)
      const loaded = await load(
        store,
        writes.map((write) => write.key),
      )
      assert.deepEqual(
        writes.map((write) => loaded.get(write.key)?.count),
        counts,
      )
    },
  },
  {
    name: 'a large batch is written and loaded whole',
    needs: [],
    async run(store) {
      const keys = Array.from({ length: 1_000 }, (_, index) => `key ${index}`)
      const outcomes = await kinds(
        store,
        keys.map((key) => create(key)),
      )
      assert.equal(outcomes.filter((kind) => kind === 'applied').length, keys.length)
      assert.equal((await load(store, keys)).size, keys.length)
    },
  },
  {
    name: 'of many who create a key at once, one succeeds',
    needs: [],
    async run(store) {
      const racers = Array.from({ length: 20 }, (_, count) => create('a', { name: 'racer', count }))
      const outcomes = await Promise.all(racers.map((racer) => kinds(store, [racer])))
      const winners = outcomes.flat().flatMap((kind, index) => (kind === 'applied' ? [index] : []))
      assert.equal(winners.length, 1)
      assert.deepEqual(await contents(store, ['a']), { a: { name: 'racer', count: winners[0] } })
    },
  },
  {
    name: 'an aborted call rejects with the reason and changes nothing',
    needs: [],
    async run(store) {
      const reason = new Error('Nobody waits.')
      const signal = AbortSignal.abort(reason)
      await assert.rejects(async () => store.apply([put('a')], { signal }), reason)
      assert.deepEqual(await contents(store, ['a']), {})
    },
  },
  ...storeVersionCases,
  ...storeConflictCases,
]

function create(key: string, value = SAMPLE): StoreWrite<string, StoreSample> {
  return { kind: 'create', key, value }
}

function put(key: string, value = SAMPLE): StoreWrite<string, StoreSample> {
  return { kind: 'put', key, value }
}

function remove(key: string): StoreWrite<string, StoreSample> {
  return { kind: 'remove', key }
}

async function kinds(
  store: SampleStore,
  writes: readonly StoreWrite<string, StoreSample>[],
): Promise<readonly StoreOutcome['kind'][]> {
  const outcomes = await store.apply(writes, { signal: new AbortController().signal })
  return outcomes.map((outcome) => outcome.kind)
}

/**
 * What the store has of `keys`, by `loadMany`, which must be enough. Without the revision that values may
 * have in them.
 */
async function load(
  store: SampleStore,
  keys: readonly string[],
): Promise<ReadonlyMap<string, StoreSample>> {
  const { signal } = new AbortController()
  assert.ok(store.loadMany !== undefined, 'a store loads many keys in one go')
  const loaded = await store.loadMany(keys, { signal })
  return new Map([...loaded].map(([key, { name, count }]) => [key, { name, count }]))
}

async function contents(
  store: SampleStore,
  keys: readonly string[],
): Promise<Readonly<Record<string, StoreSample>>> {
  return Object.fromEntries(await load(store, keys))
}
