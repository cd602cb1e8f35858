/** What users of memoized functions and decorated methods get from inference. */

import { expectTypeOf, test } from 'vitest'
import { type Cache, cached, createCache, forgetCached } from '../../src/index.ts'

const cache: Cache = createCache({ name: 'shop' })
const find = async (words: string, page = 1): Promise<string[]> => [words, `${page}`]

test('a memoized function has the arguments of the function, and a promise of its answer', () => {
  const search = cache.memoize(find, {
    name: 'search',
    key: (words, page) => {
      expectTypeOf(words).toEqualTypeOf<string>()
      expectTypeOf(page).toEqualTypeOf<number | undefined>()
      return words
    },
    tagsOf: (value, words) => {
      expectTypeOf(value).toEqualTypeOf<string[]>()
      return [words]
    },
  })
  expectTypeOf(search('lamp')).resolves.toEqualTypeOf<string[]>()
  expectTypeOf(search.forget('lamp', 2)).resolves.toHaveProperty('found')
  // @ts-expect-error: a number is no text
  void search(7)
  // @ts-expect-error: nor is it when the answer is to be forgotten
  void search.forget(7)
  expectTypeOf(cache.memoize(() => 1, { name: 'one' })()).resolves.toEqualTypeOf<number>()
})

class Prices {
  readonly tenant = 'a'
  readonly cache: Cache = cache

  @cached(cache, { name: 'plain', ttl: '1m' })
  async plain(id: number): Promise<string> {
    return `${this.tenant} ${id}`
  }

  @cached((prices: Prices) => prices.cache, {
    name: 'told',
    self: (prices: Prices) => prices.tenant,
    key: (id: number) => `${id}`,
    tagsOf: (value: string, id: number) => [value, `${id}`],
  })
  async told(id: number): Promise<string> {
    return `${this.tenant} ${id}`
  }

  // @ts-expect-error: what answers at once cannot wait for a cache
  @cached(cache, { name: 'sync' })
  sync(id: number): string {
    return `${this.tenant} ${id}`
  }

  // @ts-expect-error: the key is made of other arguments
  @cached(cache, { name: 'other', key: (id: string) => id })
  async other(id: number): Promise<string> {
    return `${this.tenant} ${id}`
  }
}

test('a decorated method keeps its type, and is forgotten by its name and arguments', () => {
  const prices = new Prices()
  expectTypeOf(prices.plain(1)).resolves.toEqualTypeOf<string>()
  expectTypeOf(forgetCached(prices, 'told', 1)).resolves.toHaveProperty('found')
  // @ts-expect-error: a text is no number
  void forgetCached(prices, 'told', 'one')
  // @ts-expect-error: it answers at once
  void forgetCached(prices, 'sync', 1)
})
