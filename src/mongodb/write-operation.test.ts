import { BSON } from 'mongodb'
import { describe, expect, test } from 'vitest'
import type { CacheKey, StoreWrite } from '../contracts/source.ts'
import { operationOf } from './write-operation.ts'

type Write = StoreWrite<CacheKey, unknown>

const VERSION = { version: 7n, epoch: 'e' }
const older = { 'v.version': { $not: { $gte: 7n } } }

function operation(write: Partial<Write>, versions: string | undefined, key = '_id') {
  const document = write.kind === 'remove' ? {} : { name: 'lamp', [key]: 'a' }
  const given = { key: 'a', value: { name: 'lamp' }, ...write } as Write
  return operationOf({ key, versions }, given, { key: 'a', document })
}

describe('the operation of a write with a version', () => {
  test('puts the whole document where it is older, or has no version, or is not there', () => {
    expect(operation({ kind: 'put', ...VERSION }, 'v')).toEqual({
      replaceOne: {
        filter: { _id: 'a', ...older },
        replacement: { _id: 'a', name: 'lamp', v: VERSION },
        upsert: true,
      },
    })
  })

  test('creates in place of an older tombstone alone', () => {
    expect(operation({ kind: 'create', ...VERSION }, 'v')).toEqual({
      replaceOne: {
        filter: { _id: 'a', ...older, 'v.removed': { $exists: true } },
        replacement: { _id: 'a', name: 'lamp', v: VERSION },
        upsert: true,
      },
    })
  })

  test('leaves a tombstone, also of what never was, with the time of the server', () => {
    const left = { version: 7n, epoch: { $literal: 'e' }, removed: true, removedAt: '$$NOW' }
    expect(operation({ kind: 'remove', ...VERSION }, 'v', 'sku')).toEqual({
      updateOne: {
        filter: { sku: 'a', ...older },
        update: [{ $replaceWith: { _id: '$_id', sku: '$sku', v: left } }],
        upsert: true,
      },
    })
  })

  test('carries the version as a 64-bit integer, by the BSON of the driver', () => {
    const version = 2n ** 62n + 1n
    const sent = operation({ kind: 'put', version, epoch: 'e' }, 'v')
    const { replaceOne } = BSON.deserialize(BSON.serialize(sent), { useBigInt64: true })
    expect(replaceOne.filter['v.version'].$not.$gte).toBe(version)
    expect(replaceOne.replacement.v.version).toBe(version)
  })
})

describe('the operation of a write without a version', () => {
  test('in a collection without versions is the plain one', () => {
    expect(operation({ kind: 'create' }, undefined)).toEqual({
      insertOne: { document: { _id: 'a', name: 'lamp' } },
    })
    expect(operation({ kind: 'put', ...VERSION }, undefined)).toEqual({
      replaceOne: {
        filter: { _id: 'a' },
        replacement: { _id: 'a', name: 'lamp' },
        upsert: true,
      },
    })
    expect(operation({ kind: 'remove' }, undefined)).toEqual({
      deleteOne: { filter: { _id: 'a' } },
    })
  })

  test('keeps the version that stands, and takes values for no expressions', () => {
    expect(operation({ kind: 'put' }, 'v')).toEqual({
      updateOne: {
        filter: { _id: 'a' },
        update: [
          {
            $replaceWith: {
              $mergeObjects: [
                { _id: '$_id' },
                { $literal: { _id: 'a', name: 'lamp' } },
                { v: '$v' },
              ],
            },
          },
          { $unset: ['v.removed', 'v.removedAt'] },
        ],
        upsert: true,
      },
    })
  })

  test('that removes leaves nothing where nothing was', () => {
    expect(operation({ kind: 'remove' }, 'v')).toMatchObject({
      updateOne: { filter: { _id: 'a' }, upsert: false },
    })
  })
})
