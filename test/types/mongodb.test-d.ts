/** The driver's own collections are what `mongoCollection` takes, whatever their documents. */

import type { Collection, ObjectId } from 'mongodb'
import { expectTypeOf, test } from 'vitest'
import type { Store } from '../../src/index.ts'
import { type MongoLike, mongoCollection } from '../../src/mongodb/index.ts'

interface Product {
  readonly _id: number
  readonly name: string
}

declare const plain: Collection
declare const ofProducts: Collection<Product>
declare const ofIds: Collection<{ _id: ObjectId; sku: string }>

test('a collection of the driver fits, with and without a type of its documents', () => {
  expectTypeOf(plain).toExtend<MongoLike>()
  expectTypeOf(ofProducts).toExtend<MongoLike>()
  expectTypeOf(ofIds).toExtend<MongoLike>()
  const store = mongoCollection<number, Product>({ collection: ofProducts, versions: 'cached' })
  expectTypeOf(store).toEqualTypeOf<Store<number, Product>>()
})
