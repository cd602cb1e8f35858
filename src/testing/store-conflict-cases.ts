/**
 * The cases of `storeSuite` about conflicts, for stores that detect them (`needs: ['conflicts']`): a put
 * with a base is carried out only where nobody but the cache has written the row since.
 *
 * A write without a version stands for what another program does. The values that the store answers must
 * have the revision of their row in them, beside what the suite knows, and it must keep versions.
 */

import assert from 'node:assert/strict'
import type { StoreOutcome, StoreWrite, WriteBase } from '../contracts/source.ts'
import type { ConformanceCase } from './conformance-case.ts'
import type { SampleStore, StoreSample } from './store-sample.ts'

const EPOCH = 'epoch'
const { signal } = new AbortController()

type Write = StoreWrite<string, StoreSample>

/** By default, on the value itself: it has the revision that it was read with. */
function put(
  version: number,
  value: StoreSample,
  base: WriteBase<StoreSample> = { value },
  key = 'a',
): Write {
  return { kind: 'put', key, value, base, version: BigInt(version), epoch: EPOCH }
}

async function apply(
  store: SampleStore,
  ...writes: readonly Write[]
): Promise<readonly StoreOutcome[]> {
  return await store.apply(writes, { signal })
}

async function kinds(store: SampleStore, ...writes: readonly Write[]): Promise<readonly string[]> {
  return (await apply(store, ...writes)).map(({ kind }) => kind)
}

/** As another program writes. */
async function foreign(store: SampleStore, count: number, key = 'a'): Promise<void> {
  assert.deepEqual(await kinds(store, { kind: 'put', key, value: { name: 'foreign', count } }), [
    'applied',
  ])
}

async function read(store: SampleStore, key = 'a'): Promise<StoreSample | undefined> {
  return (await store.loadMany?.([key], { signal }))?.get(key)
}

/** @throws if there is no row. */
async function readRow(store: SampleStore, key = 'a'): Promise<StoreSample> {
  const value = await read(store, key)
  assert.ok(value !== undefined, 'the row is there')
  return value
}

function conflictCase(
  name: string,
  run: (store: SampleStore) => Promise<void>,
): ConformanceCase<SampleStore> {
  return { name, needs: ['versions', 'conflicts'], run }
}

export const storeConflictCases: readonly ConformanceCase<SampleStore>[] = [
  conflictCase('a put on a row that stands is applied', async (store) => {
    await foreign(store, 1)
    const value = await readRow(store)
    assert.deepEqual(await kinds(store, put(5, { ...value, count: 2 })), ['applied'])
    assert.equal((await readRow(store)).count, 2)
  }),
  conflictCase(
    'a put on a row that has changed is a conflict, and changes nothing',
    async (store) => {
      await foreign(store, 1)
      const value = await readRow(store)
      await foreign(store, 7)
      const late = put(5, { ...value, count: 2 })
      assert.deepEqual(await kinds(store, late), ['conflict'])
      assert.deepEqual(await kinds(store, late), ['conflict'])
      assert.equal((await readRow(store)).count, 7)
      // It has left no version either.
      const again = await readRow(store)
      assert.deepEqual(await kinds(store, put(5, { ...again, count: 8 })), ['applied'])
    },
  ),
  conflictCase('writes of the cache on one base follow each other', async (store) => {
    await foreign(store, 1)
    const value = await readRow(store)
    assert.deepEqual(await kinds(store, put(5, { ...value, count: 2 })), ['applied'])
    assert.deepEqual(await kinds(store, put(6, { ...value, count: 3 })), ['applied'])
    assert.deepEqual(
      await kinds(store, put(7, { ...value, count: 4 }), put(8, { ...value, count: 5 })),
      ['applied', 'applied'],
    )
    assert.equal((await readRow(store)).count, 5)
    await foreign(store, 9)
    assert.deepEqual(await kinds(store, put(10, { ...value, count: 6 })), ['conflict'])
    assert.equal((await readRow(store)).count, 9)
  }),
  conflictCase('what was read after a write of the cache is a base too', async (store) => {
    await foreign(store, 1)
    await kinds(store, put(5, { ...(await readRow(store)), count: 2 }))
    const value = await readRow(store)
    assert.deepEqual(await kinds(store, put(6, { ...value, count: 3 })), ['applied'])
    await foreign(store, 9)
    assert.deepEqual(await kinds(store, put(7, { ...value, count: 4 })), ['conflict'])
  }),
  conflictCase('a removed row has changed', async (store) => {
    await foreign(store, 1)
    const value = await readRow(store)
    assert.deepEqual(await kinds(store, { kind: 'remove', key: 'a' }), ['applied'])
    assert.deepEqual(await kinds(store, put(5, { ...value, count: 2 })), ['conflict'])
    assert.equal(await read(store), undefined)
    assert.deepEqual(await kinds(store, put(5, value, { value: undefined })), ['applied'])
  }),
  conflictCase('a value without a revision builds upon no row', async (store) => {
    const value = { name: 'new', count: 1 }
    assert.deepEqual(await kinds(store, put(5, value)), ['applied'])
    assert.deepEqual(await kinds(store, put(6, { ...value, count: 2 })), ['applied'])
    assert.equal((await readRow(store)).count, 2)
    await foreign(store, 9)
    assert.deepEqual(await kinds(store, put(7, { ...value, count: 3 })), ['conflict'])
    await foreign(store, 9, 'b')
    assert.deepEqual(await kinds(store, put(8, value, { value: undefined }, 'b')), ['conflict'])
    assert.equal((await readRow(store, 'b')).count, 9)
  }),
  conflictCase('what was created is followed by puts of the same value', async (store) => {
    const value = { name: 'new', count: 1 }
    const create: Write = { kind: 'create', key: 'a', value, version: 5n, epoch: EPOCH }
    assert.deepEqual(await kinds(store, create), ['applied'])
    assert.deepEqual(await kinds(store, put(6, { ...value, count: 2 })), ['applied'])
    assert.deepEqual(await kinds(store, create), ['superseded'])
    assert.equal((await readRow(store)).count, 2)
  }),
  conflictCase('of writes of the cache on one base that race, the newest stands', async (store) => {
    const order = [5, 9, 1, 7, 3, 8, 2, 10, 4, 6]
    const race = async (value: StoreSample, from: number, key = 'a'): Promise<void> => {
      const racers = order.map((at) => {
        const raced = { ...value, count: from + at }
        return put(from + at, raced, { value: raced }, key)
      })
      const outcomes = await Promise.all(racers.map((racer) => kinds(store, racer)))
      assert.ok(outcomes.flat().every((kind) => kind !== 'conflict'))
      assert.equal((await readRow(store, key)).count, from + 10)
    }
    // Of a row that the cache has never written.
    await foreign(store, 9, 'b')
    await race(await readRow(store, 'b'), 0, 'b')
    await race({ name: 'new', count: 0 }, 0)
    await race(await readRow(store), 20)
    await foreign(store, 9)
    await race(await readRow(store), 40)
  }),
  conflictCase('a put without a base is written over whatever stands there', async (store) => {
    await foreign(store, 1)
    const value = await readRow(store)
    await foreign(store, 7)
    const bare = { kind: 'put', key: 'a', value: { ...value, count: 2 } } as const
    assert.deepEqual(await kinds(store, { ...bare, version: 5n, epoch: EPOCH }), ['applied'])
    assert.equal((await readRow(store)).count, 2)
    // It has kept its base, for those that come after it.
    assert.deepEqual(await kinds(store, put(6, { ...value, count: 3 })), ['applied'])
  }),
  conflictCase('a write that comes again is applied, whatever has changed since', async (store) => {
    await foreign(store, 1)
    const write = put(5, { ...(await readRow(store)), count: 2 })
    assert.deepEqual(await kinds(store, write), ['applied'])
    assert.deepEqual(await kinds(store, write), ['applied'])
    await foreign(store, 9)
    assert.deepEqual(await kinds(store, write), ['applied'])
    assert.equal((await readRow(store)).count, 9)
  }),
  conflictCase('a write that was merged is told so when it comes again', async (store) => {
    await foreign(store, 1)
    const mine = { ...(await readRow(store)), count: 2 }
    await foreign(store, 7)
    const theirs = await readRow(store)
    const merged = { ...theirs, count: 9 }
    assert.deepEqual(await kinds(store, put(5, mine)), ['conflict'])
    assert.deepEqual(await kinds(store, put(5, merged, { value: theirs })), ['applied'])
    assert.deepEqual(await apply(store, put(5, mine)), [
      { kind: 'superseded', by: 5n, byEpoch: EPOCH },
    ])
    assert.equal((await readRow(store)).count, 9)
    // Nor does a later write on the old base go over what was merged.
    assert.deepEqual(await kinds(store, put(6, { ...mine, count: 3 })), ['conflict'])
  }),
  conflictCase('a base is no older version brought back', async (store) => {
    await foreign(store, 1)
    const value = await readRow(store)
    assert.deepEqual(await kinds(store, put(7, { ...value, count: 7 })), ['applied'])
    assert.deepEqual(await kinds(store, put(6, { ...value, count: 6 })), ['superseded'])
    assert.equal((await readRow(store)).count, 7)
  }),
  conflictCase('a conflict in a batch stops nothing', async (store) => {
    for (const key of ['a', 'b', 'c']) await foreign(store, 1, key)
    const values = await Promise.all(['a', 'b', 'c'].map((key) => readRow(store, key)))
    await foreign(store, 7, 'b')
    const batch = ['a', 'b', 'c'].map((key, at) => {
      const value = { ...(values[at] as StoreSample), count: 2 }
      return put(5, value, { value }, key)
    })
    assert.deepEqual(await kinds(store, ...batch), ['applied', 'conflict', 'applied'])
    const counts = await Promise.all(['a', 'b', 'c'].map((key) => readRow(store, key)))
    assert.deepEqual(
      counts.map(({ count }) => count),
      [2, 7, 2],
    )
  }),
]
