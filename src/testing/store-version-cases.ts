/**
 * The cases of `storeSuite` about versions, for stores that refuse older ones (`needs: ['versions']`):
 * whatever comes late, twice or out of order, the newest write stands, removals too.
 */

import assert from 'node:assert/strict'
import type { StoreOutcome, StoreWrite } from '../contracts/source.ts'
import type { ConformanceCase } from './conformance-case.ts'
import type { SampleStore, StoreSample } from './store-sample.ts'

const EPOCH = 'epoch'
const { signal } = new AbortController()

function versioned(
  write: { readonly kind: 'create' | 'put'; readonly count: number } | { readonly kind: 'remove' },
  version: number,
  { key = 'a', epoch = EPOCH }: { readonly key?: string; readonly epoch?: string } = {},
): StoreWrite<string, StoreSample> {
  const ordered = { key, version: BigInt(version), epoch }
  if (write.kind === 'remove') return { ...ordered, kind: 'remove' }
  return { ...ordered, kind: write.kind, value: { name: key, count: write.count } }
}

const put = (version: number, where?: { readonly key?: string; readonly epoch?: string }) =>
  versioned({ kind: 'put', count: version }, version, where)
const remove = (version: number) => versioned({ kind: 'remove' }, version)
const create = (version: number) => versioned({ kind: 'create', count: version }, version)

async function apply(
  store: SampleStore,
  ...writes: readonly StoreWrite<string, StoreSample>[]
): Promise<readonly StoreOutcome[]> {
  return await store.apply(writes, { signal })
}

async function kinds(
  store: SampleStore,
  ...writes: readonly StoreWrite<string, StoreSample>[]
): Promise<readonly string[]> {
  return (await apply(store, ...writes)).map(({ kind }) => kind)
}

/** Of the key `a`; `undefined`: there is no row. */
async function countOf(store: SampleStore, key = 'a'): Promise<number | undefined> {
  return (await store.loadMany?.([key], { signal }))?.get(key)?.count
}

function versionCase(
  name: string,
  run: (store: SampleStore) => Promise<void>,
): ConformanceCase<SampleStore> {
  return { name, needs: ['versions'], run }
}

export const storeVersionCases: readonly ConformanceCase<SampleStore>[] = [
  versionCase('an older version is superseded, and told by which', async (store) => {
    assert.deepEqual(await kinds(store, put(7)), ['applied'])
    assert.deepEqual(await apply(store, put(5)), [{ kind: 'superseded', by: 7n, byEpoch: EPOCH }])
    assert.equal(await countOf(store), 7)
    assert.deepEqual(await kinds(store, put(8)), ['applied'])
    assert.equal(await countOf(store), 8)
  }),
  versionCase(
    'a write that comes twice is applied both times, and changes nothing',
    async (store) => {
      assert.deepEqual(await kinds(store, put(7)), ['applied'])
      assert.deepEqual(await kinds(store, put(7)), ['applied'])
      assert.deepEqual(await kinds(store, create(9)), ['conflict'])
      assert.equal(await countOf(store), 7)
      assert.deepEqual(await kinds(store, remove(8)), ['applied'])
      assert.deepEqual(await kinds(store, create(9)), ['applied'])
      assert.deepEqual(await kinds(store, create(9)), ['applied'])
      assert.equal(await countOf(store), 9)
    },
  ),
  versionCase('a removal leaves its version: nothing older brings the key back', async (store) => {
    await apply(store, put(5))
    assert.deepEqual(await kinds(store, remove(7)), ['applied'])
    assert.deepEqual(await kinds(store, remove(7)), ['applied'])
    assert.deepEqual(await kinds(store, put(6)), ['superseded'])
    assert.equal(await countOf(store), undefined)
    assert.deepEqual(await kinds(store, put(8)), ['applied'])
    assert.deepEqual(await kinds(store, remove(7)), ['superseded'])
    assert.equal(await countOf(store), 8)
  }),
  versionCase('a removal of what never was is remembered too', async (store) => {
    assert.deepEqual(await kinds(store, remove(7)), ['applied'])
    assert.deepEqual(await kinds(store, put(6)), ['superseded'])
    assert.equal(await countOf(store), undefined)
  }),
  versionCase('versions are compared by number, whatever their epochs', async (store) => {
    await apply(store, put(7, { epoch: 'first' }))
    const [older] = await apply(store, put(6, { epoch: 'second' }))
    assert.deepEqual(older, { kind: 'superseded', by: 7n, byEpoch: 'first' })
    // The same number of another epoch is another write.
    const [same] = await apply(store, put(7, { epoch: 'second' }))
    assert.deepEqual(same, { kind: 'superseded', by: 7n, byEpoch: 'first' })
    assert.deepEqual(await kinds(store, put(8, { epoch: 'second' })), ['applied'])
  }),
  versionCase('numbers beyond 2^32 and up to 2^53 are kept exactly', async (store) => {
    const high = 2 ** 53 - 2
    assert.deepEqual(await kinds(store, put(high)), ['applied'])
    assert.deepEqual(await kinds(store, put(high - 1)), ['superseded'])
    assert.deepEqual(await kinds(store, put(high + 1)), ['applied'])
    const versions = await store.versions?.(['a', 'none'], { signal })
    assert.deepEqual([...(versions ?? [])], [['a', { version: BigInt(high + 1), epoch: EPOCH }]])
  }),
  versionCase('each write of a batch is judged by itself', async (store) => {
    await apply(store, put(5, { key: 'b' }), put(5, { key: 'c' }))
    const batch = [put(6), put(4, { key: 'b' }), put(6, { key: 'c' }), put(6, { key: 'd' })]
    assert.deepEqual(await kinds(store, ...batch), ['applied', 'superseded', 'applied', 'applied'])
    assert.deepEqual(
      await Promise.all(['a', 'b', 'c', 'd'].map((key) => countOf(store, key))),
      [6, 5, 6, 6],
    )
  }),
  versionCase('of writes that race, the newest stands', async (store) => {
    const order = [5, 9, 1, 7, 3, 8, 2, 10, 4, 6]
    await Promise.all(order.map((version) => apply(store, put(version))))
    assert.equal(await countOf(store), 10)
  }),
  versionCase('a write without a version is carried out, and leaves the version', async (store) => {
    await apply(store, put(7))
    const bare: StoreWrite<string, StoreSample> = {
      kind: 'put',
      key: 'a',
      value: { name: 'a', count: 0 },
    }
    assert.deepEqual(await kinds(store, bare), ['applied'])
    assert.equal(await countOf(store), 0)
    assert.deepEqual(await kinds(store, put(6)), ['superseded'])
    assert.deepEqual(await kinds(store, put(8)), ['applied'])
  }),
]
