import { transform } from '@swc/core'
import { describe, expect, test } from 'vitest'
import type { Cache } from '../contracts/cache.ts'
import { ArgumentError, ConfigError } from '../contracts/errors.ts'
import { createCache } from '../create-cache.ts'
import { cached, forgetCached } from './cached.ts'

/**
 * A class as a compiler makes it of decorators: Node does not read them yet, nor does what runs these
 * tests.
 */
async function setup(options: string, more = '') {
  const source = `
    class Prices {
      calls = []
      constructor(tenant, cache) { this.tenant = tenant; this.cache = cache }
      @cached(${options})
      async price(id, currency) {
        this.calls.push(id)
        return this.tenant + ' ' + id
      }
      ${more}
    }
    return Prices
  `
  const { code } = await transform(`export const make = (cached, cache) => { ${source} }`, {
    jsc: {
      target: 'es2022',
      parser: { syntax: 'ecmascript', decorators: true },
      transform: { decoratorVersion: '2022-03' },
    },
    module: { type: 'commonjs' },
  })
  const module: { make?: (...parts: unknown[]) => PricesClass } = {}
  new Function('exports', code)(module)
  const cache = createCache({ name: 'shop' })
  const make = (): PricesClass => {
    if (module.make === undefined) throw new Error('nothing was compiled')
    return module.make(cached, cache)
  }
  return { cache, make }
}

interface Prices {
  readonly calls: number[]
  price(id: number, currency?: unknown): Promise<string>
}
type PricesClass = new (tenant?: string, cache?: Cache) => Prices

describe('a decorated method', () => {
  test('is called once for the same arguments, with its object', async () => {
    const { make } = await setup("cache, { name: 'price', ttl: '1m' }")
    const prices = new (make())('acme')
    expect([await prices.price(1), await prices.price(1)]).toEqual(['acme 1', 'acme 1'])
    expect(await prices.price(2)).toBe('acme 2')
    expect(prices.calls).toEqual([1, 2])
  })

  test('is forgotten by its arguments', async () => {
    const { make } = await setup("cache, { name: 'price' }")
    const prices = new (make())('acme')
    await Promise.all([prices.price(1), prices.price(2)])
    expect(await forgetCached(prices, 'price', 1)).toMatchObject({ found: true })
    await Promise.all([prices.price(1), prices.price(2)])
    expect(prices.calls).toEqual([1, 2, 1])
  })

  test('answers each object for itself, by what it depends on', async () => {
    const { make } = await setup("cache, { name: 'price', self: ({ tenant }) => tenant }")
    const Class = make()
    const [acme, bolt, twin] = [new Class('acme'), new Class('bolt'), new Class('acme')]
    expect(await acme.price(1)).toBe('acme 1')
    expect(await bolt.price(1)).toBe('bolt 1')
    expect(await twin.price(1)).toBe('acme 1')
    expect(twin.calls).toEqual([])
    await forgetCached(twin, 'price', 1)
    await acme.price(1)
    await bolt.price(1)
    expect([acme.calls, bolt.calls]).toEqual([[1, 1], [1]])
  })

  test('of a second object is refused where nobody has said what it depends on', async () => {
    const { make } = await setup("cache, { name: 'price' }")
    const Class = make()
    const [acme, bolt] = [new Class('acme'), new Class('bolt')]
    await acme.price(1)
    await expect(bolt.price(1)).rejects.toThrow(ArgumentError)
    await expect(forgetCached(bolt, 'price', 1)).rejects.toThrow('`cached(price).self`')
    expect(bolt.calls).toEqual([])
    expect(await acme.price(1)).toBe('acme 1')
  })

  test('never mistakes a part of what the object says for a part of an argument', async () => {
    const { make } = await setup(
      "cache, { name: 'price', self: ({ tenant }) => Number(tenant), key: String }",
    )
    const Class = make()
    expect(await new Class('1').price(23)).toBe('1 23')
    expect(await new Class('12').price(3)).toBe('12 3')
  })

  test('never mistakes what the object says for an argument', async () => {
    const { make } = await setup(
      "cache, { name: 'price', self: ({ tenant }) => tenant, key: String }",
    )
    const Class = make()
    // With a key that is text alone, the two could be put together to the same.
    const [one, two] = [new Class('a'), new Class('a":1')]
    const answers = [await one.price('":11' as never), await two.price('1' as never)]
    expect(answers).toEqual(['a ":11', 'a":1 1'])
  })

  test('goes to the cache of its object, where each has one', async () => {
    const options = '({ cache }) => cache, { name: "price", self: () => undefined }'
    const { make } = await setup(options)
    const Class = make()
    const caches = [createCache({ name: 'one' }), createCache({ name: 'two' })]
    const [one, two, three] = [caches[0], caches[1], caches[0]].map((own) => new Class('a', own))
    await one?.price(1)
    await two?.price(1)
    await three?.price(1)
    expect([one?.calls, two?.calls, three?.calls]).toEqual([[1], [1], []])
    expect(caches.map((cache) => cache.collections.has('price'))).toEqual([true, true])
  })

  test('goes by a key, and gives tags, as a memoized function does', async () => {
    const options = "cache, { name: 'price', key: String, tagsOf: (_, id) => [String(id)] }"
    const { make, cache } = await setup(options)
    const prices = new (make())('acme')
    await prices.price(1, () => 'EUR')
    await prices.price(1, () => 'USD')
    expect(prices.calls).toEqual([1])
    await cache.invalidateTags(['1'])
    await prices.price(1)
    expect(prices.calls).toEqual([1, 1])
  })

  test('refuses arguments that cannot be told apart', async () => {
    const { make } = await setup("cache, { name: 'price' }")
    const prices = new (make())('acme')
    await expect(prices.price(1, () => 'EUR')).rejects.toThrow('`arguments[1]`')
    expect(prices.calls).toEqual([])
  })

  test('throws what the method throws, with the stack of the method', async () => {
    const { make } = await setup(
      "cache, { name: 'price' }",
      "@cached(cache, { name: 'fails' }) async fails() { throw new Error('no price') }",
    )
    const prices = new (make())('acme') as Prices & { fails(): Promise<never> }
    await expect(prices.fails()).rejects.toThrow('no price')
  })
})

describe('the decorator', () => {
  test.each([
    ['a field', "@cached(cache, { name: 'b' }) rate = async () => 1"],
    ['a getter', "@cached(cache, { name: 'b' }) get rate() { return 1 }"],
    ['a name that is taken', "@cached(cache, { name: 'price' }) async rate() { return 1 }"],
    ['a life that is none', "@cached(cache, { name: 'b', ttl: -1 }) async rate() { return 1 }"],
  ])('refuses %s when the class is made', async (_, more) => {
    const { make } = await setup("cache, { name: 'price' }", more)
    expect(() => make()).toThrow(ConfigError)
  })

  test('refuses to stand where the old decorators do, with what to do', () => {
    const decorate = cached(createCache({ name: 'shop' }), { name: 'price' })
    const old = () => decorate(async () => 1, 'price' as never)
    expect(old).toThrow('experimentalDecorators')
  })

  test('knows only its own methods by name', async () => {
    const plain = { price: async () => 1 }
    await expect(forgetCached(plain, 'price')).rejects.toThrow(ArgumentError)
  })
})
