import { BSON, Long, MongoNetworkError, ObjectId } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { EvaluatedCollection, Refusal } from '../../test/servers/evaluated-collection.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { CacheKey, StoreWrite } from '../contracts/source.ts'
import { type MongoCollectionOptions, mongoCollection } from './mongo-collection.ts'

const { signal } = new AbortController()

type Value = Readonly<Record<string, unknown>>

function setup<K extends CacheKey = string>(
  options: Partial<MongoCollectionOptions<K, Value>> = {},
  unique: string[] = [],
) {
  const collection = new EvaluatedCollection(unique)
  const store = mongoCollection<K, Value>({ collection, versions: 'cached', ...options })
  const apply = (...writes: StoreWrite<K, Value>[]) => store.apply(writes, { signal })
  const load = async (...keys: K[]) => [...((await store.loadMany?.(keys, { signal })) ?? [])]
  return { collection, store, apply, load }
}

const put = <K extends CacheKey = string>(key: K, version: bigint, value: Value = { n: 1 }) =>
  ({ kind: 'put', key, value, version, epoch: 'e' }) as const

describe('a collection of MongoDB as a store', () => {
  test('writes many keys by one unordered bulk that a majority has to have', async () => {
    const { collection, apply } = setup()
    const removal = { kind: 'remove', key: 'b', version: 2n, epoch: 'e' } as const
    await apply(put('a', 1n), removal, put('c', 3n))
    expect(collection.bulks).toHaveLength(1)
    expect(collection.bulks[0]?.operations).toHaveLength(3)
    expect(collection.bulks[0]?.options).toEqual({
      ordered: false,
      ignoreUndefined: true,
      writeConcern: { w: 'majority', wtimeoutMS: 10_000 },
    })
    // Nothing was in the way, so nothing was looked at.
    expect(collection.finds).toEqual([])
  })

  test('looks at what stands in the way, all at once, and on the primary', async () => {
    const { collection, apply } = setup()
    await apply(put('a', 7n), put('b', 7n))
    const outcomes = await apply(put('a', 6n), put('b', 7n), put('c', 1n))
    expect(outcomes).toEqual([
      { kind: 'superseded', by: 7n, byEpoch: 'e' },
      { kind: 'applied' },
      { kind: 'applied' },
    ])
    expect(collection.finds).toMatchObject([
      { filter: { _id: { $in: ['a', 'b'] } }, options: { readPreference: 'primary' } },
    ])
  })

  test('loads from the primary, without tombstones and without versions', async () => {
    const { collection, apply, load } = setup()
    await apply(put('a', 1n, { name: 'lamp', gone: undefined }), put('b', 1n))
    await apply({ kind: 'remove', key: 'b', version: 2n, epoch: 'e' })
    expect(await load('a', 'b')).toEqual([['a', { _id: 'a', name: 'lamp' }]])
    expect(collection.finds.at(-1)?.options).toMatchObject({ readPreference: 'primary', signal })
    const tombstone = collection.documents.find(({ _id }) => _id === 'b')
    expect(Object.keys(tombstone ?? {}).sort()).toEqual(['_id', 'cached'])
    expect(tombstone?.['cached']).toMatchObject({ removed: true, removedAt: expect.any(Date) })
  })

  test('takes what was written without a version for older than any', async () => {
    const { collection, apply, load } = setup()
    collection.documents.push({ _id: 'a', n: 0 }, { _id: 'b', n: 0 })
    const removal = { kind: 'remove', key: 'b', version: 1n, epoch: 'e' } as const
    const creation = { ...put('a', 1n), kind: 'create' } as const
    expect(await apply(creation, put('a', 1n), removal)).toMatchObject([
      { kind: 'conflict' },
      { kind: 'applied' },
      { kind: 'applied' },
    ])
    expect(await load('a', 'b')).toEqual([['a', { _id: 'a', n: 1 }]])
  })

  test('does not keep a newer write out that has lost a race to insert', async () => {
    const { collection, apply, load } = setup()
    // Between the look for the document and its insertion another one has come.
    collection.refuse = () => {
      collection.refuse = () => {}
      collection.documents.push({ _id: 'a', n: 5, cached: { version: 5, epoch: 'e' } })
      throw new Refusal(11_000, 'E11000 duplicate key error')
    }
    expect(await apply(put('a', 6n, { n: 6 }))).toEqual([{ kind: 'applied' }])
    expect(await load('a')).toEqual([['a', { _id: 'a', n: 6 }]])
  })

  test('takes another unique index for a conflict, after three tries', async () => {
    const { collection, apply } = setup({}, ['code'])
    await apply(put('a', 1n, { code: 'x' }))
    const outcomes = await apply(put('b', 2n, { code: 'x' }), put('c', 2n, { code: 'y' }))
    expect(outcomes).toEqual([
      { kind: 'conflict', reason: 'E11000 duplicate key error index: code_1' },
      { kind: 'applied' },
    ])
    expect(collection.bulks.slice(1).map(({ operations }) => operations.length)).toEqual([2, 1, 1])
  })

  test('finds the one document that spoils a bulk, in a few calls', async () => {
    const { collection, apply } = setup()
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    const send = collection.bulkWrite.bind(collection)
    // As the driver does, before it sends anything.
    collection.bulkWrite = async (operations, options) => {
      for (const operation of operations) BSON.serialize(operation, { ignoreUndefined: true })
      return await send(operations, options)
    }
    const writes = Array.from({ length: 64 }, (_, at) => put(`k${at}`, 1n))
    const outcomes = await apply(...writes, put('bad', 1n, circular))
    expect(outcomes.filter(({ kind }) => kind === 'applied')).toHaveLength(64)
    expect(outcomes[64]).toMatchObject({ kind: 'failed', retry: 'permanent' })
    expect(collection.bulks.length).toBeLessThan(10)
  })

  test('fails what can be no document alone, and asks nobody about it', async () => {
    const { collection, apply } = setup()
    const outcomes = await apply(
      put('half \ud800', 1n),
      put('operator', 1n, { $set: { n: 1 } }),
      put('list', 1n, [] as never),
      put('text', 1n, 'text' as never),
    )
    const failed = { kind: 'failed', retry: 'permanent' }
    expect(outcomes).toMatchObject([failed, failed, failed, failed])
    expect(collection.bulks).toEqual([])
  })

  test('leaves all to be tried again if it cannot be seen what stands in the way', async () => {
    const { collection, apply } = setup()
    await apply(put('a', 7n))
    const error = new MongoNetworkError('closed')
    collection.find = () => ({ toArray: () => Promise.reject(error) })
    expect(await apply(put('a', 6n))).toEqual([{ kind: 'failed', error, retry: 'transient' }])
  })

  test('takes numbers for one key however they are read, and text for another', async () => {
    const { collection, load, store } = setup<CacheKey>()
    const big = 2n ** 60n
    collection.find = () => ({
      toArray: async () => [
        { _id: 1, n: 'number' },
        { _id: '1', n: 'text' },
        { _id: Long.fromBigInt(big), n: 'long', cached: { version: Long.fromBigInt(big) } },
      ],
    })
    const found = await load(1, '1', big, 2)
    expect(found.map(([key, { n }]) => [key, n])).toEqual([
      [1, 'number'],
      ['1', 'text'],
      [big, 'long'],
    ])
    expect(await store.versions?.([big, 1], { signal })).toEqual(
      new Map([[big, { version: big, epoch: '' }]]),
    )
  })

  test('has keys of another kind in its documents where `toKey` says so', async () => {
    const toKey = (key: string) => (ObjectId.isValid(key) ? new ObjectId(key) : undefined)
    const { collection, store } = setup({ toKey })
    const id = new ObjectId()
    collection.find = (filter) => {
      expect(filter).toMatchObject({ _id: { $in: [id] } })
      return { toArray: async () => [{ _id: id, n: 1 }] }
    }
    const key = id.toHexString()
    const found = await store.loadMany?.([key, 'no id', key], { signal })
    expect([...(found ?? [])]).toEqual([[key, { _id: id, n: 1 }]])
    const [outcome] = await store.apply([put('no id', 1n)], { signal })
    expect(outcome).toMatchObject({ kind: 'failed', retry: 'permanent' })
  })

  test('writes no field as a key without a unique index on it', async () => {
    const { collection, apply } = setup({ key: 'sku' })
    await expect(apply(put('a', 1n))).rejects.toThrow('no unique index on "sku"')
    const [own] = await collection.indexes()
    const indexes: object[] = [
      { key: { sku: 1 } },
      { key: { sku: 1, shop: 1 }, unique: true },
      { key: { sku: 1 }, unique: true, partialFilterExpression: { n: 1 } },
    ]
    collection.indexes = async () => [own ?? {}, ...indexes]
    await expect(apply(put('a', 1n))).rejects.toThrow('no unique index')
    collection.unique.push('sku')
    indexes.push({ key: { sku: 'hashed' }, unique: true })
    expect(await apply(put('a', 1n))).toEqual([{ kind: 'applied' }])
  })

  test('without versions deletes what is removed, and says that it is unfenced', async () => {
    const collection = new EvaluatedCollection()
    const store = mongoCollection<string, string>({
      collection,
      toDocument: (name, key) => ({ name, sku: `sku ${key}` }),
      fromDocument: ({ name }) => String(name),
    })
    expect(store.fencing).toBe('unfenced')
    await store.apply([{ kind: 'put', key: 'a', value: 'lamp', version: 7n }], { signal })
    expect(collection.documents).toEqual([{ _id: 'a', name: 'lamp', sku: 'sku a' }])
    expect(await store.loadMany?.(['a', 'a'], { signal })).toEqual(new Map([['a', 'lamp']]))
    const again = { kind: 'create', key: 'a', value: 'desk' } as const
    expect(await store.apply([again], { signal })).toMatchObject([{ kind: 'conflict' }])
    await store.apply([{ kind: 'remove', key: 'a' }], { signal })
    expect(collection.documents).toEqual([])
    expect(await store.versions?.(['a'], { signal })).toEqual(new Map())
  })

  test('refuses names and concerns that cannot work', () => {
    const make = (options: Partial<MongoCollectionOptions<string, Value>>) => () => setup(options)
    for (const key of ['', 'a.b', '$a', 'a\0', 'a\ud800'])
      expect(make({ key })).toThrow(ConfigError)
    for (const versions of ['', 'a.b', '_id', 'sku']) {
      expect(make({ key: 'sku', versions })).toThrow(ConfigError)
    }
    expect(make({ writeConcern: { w: 0 } })).toThrow('has no outcome')
    expect(make({ writeConcern: { w: 1 } })).not.toThrow()
  })
})
