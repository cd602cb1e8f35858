/** What users of collections get from inference: keys and values are named once, by the source. */

import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import type { Cache, Collection, Source, Store } from '../../src/index.ts'

interface Product {
  id: number
  name: string
  categoryId: number
}

declare const cache: Cache
declare const productStore: Store<number, Product>
declare const productSource: Source<number, Product>

test('a store names the keys and the values', async () => {
  const products = cache.collection('product', {
    store: productStore,
    write: { create: 'around', put: 'around', remove: 'around' },
    tagsOf: (product, key) => {
      expectTypeOf(product).toEqualTypeOf<Product>()
      expectTypeOf(key).toEqualTypeOf<number>()
      return [`category:${product.categoryId}`]
    },
    version: 2,
  })

  expectTypeOf(products).toEqualTypeOf<Collection<number, Product>>()
  expectTypeOf(products.get(42)).resolves.toEqualTypeOf<Product | undefined>()
  expectTypeOf(products.getMany([1, 2])).resolves.toEqualTypeOf<Map<number, Product>>()
  expectTypeOf(products.keys()).toEqualTypeOf<AsyncIterable<number>>()
  const receipt = await products.put(42, { id: 42, name: 'lamp', categoryId: 7 })
  expectTypeOf(receipt.protected).toEqualTypeOf<boolean>()
})

test('a source and a loader name them as well', () => {
  const products = cache.collection('product', { source: productSource })
  expectTypeOf(products).toEqualTypeOf<Collection<number, Product>>()

  const known = new Map<string, number>()
  const rates = cache.collection('rate', {
    source: async (currency: string) => known.get(currency),
    ttl: '2m',
  })
  expectTypeOf(rates.get('EUR')).resolves.toEqualTypeOf<number | undefined>()
})

test('keys and values of another type are refused', () => {
  const products = cache.collection('product', { store: productStore })
  // @ts-expect-error keys are numbers
  void products.get('42')
  // @ts-expect-error two properties are missing
  void products.put(42, { id: 42 })
  // @ts-expect-error a key is a string, a number or a bigint
  cache.collection<{ id: number }, Product>('product', {})
})

test('a policy is one of three words', () => {
  // @ts-expect-error `later` is none of them
  cache.collection('product', { store: productStore, write: { put: 'later' } })
})

test('a schema of another library fits, if it checks what the source loads', () => {
  const schema = z.object({ id: z.number(), name: z.string(), categoryId: z.number() })
  const products = cache.collection('product', { store: productStore, schema })
  expectTypeOf(products.get(1)).resolves.toEqualTypeOf<Product | undefined>()
})

test('an own store says what became of each write', () => {
  expectTypeOf(productStore.apply).returns.resolves.items.toHaveProperty('kind')
  const unfenced: Store<number, Product> = {
    fencing: 'unfenced',
    apply: async (writes) => writes.map(() => ({ kind: 'applied' })),
  }
  expectTypeOf(unfenced.load).toExtend<((...args: never) => unknown) | undefined>()
})
