import { expect, test } from 'vitest'
import type { CollectionOptions } from '../contracts/collection.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { Store } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** A replica that lags two seconds behind the rows that are written. */
function setup(
  options: Partial<CollectionOptions<number, string>> = {},
  lag: '2s' | 'none' = '2s',
) {
  const clock = new FakeClock()
  const written = new Map<number, { readonly value: string; readonly at: number }[]>()
  const write = (key: number, value: string): void => {
    written.set(key, [...(written.get(key) ?? []), { value, at: clock.monotonic() }])
  }
  const store: Store<number, string> = {
    fencing: 'unfenced',
    lag,
    load: (key: number) => {
      const seen = written.get(key)?.filter(({ at }) => at <= clock.monotonic() - 2_000)
      return seen?.at(-1)?.value
    },
    apply: async (writes) => {
      for (const one of writes) if (one.kind !== 'remove') write(one.key, one.value)
      return writes.map(() => ({ kind: 'applied' }))
    },
  }
  const cache = createCache(
    { name: 'shop', shared: memoryTier(), defaults: { jitter: 0 } },
    { clock },
  )
  const things = cache.collection<number, string>('thing', { store, ttl: '1h', ...options })
  return { clock, cache, things, write }
}

test('what a replica has said too early is gone when the replica knows better', async () => {
  const { clock, things, write } = setup()
  write(1, 'old')
  await clock.advance(5_000)
  write(1, 'new')
  await things.delete(1)
  await clock.advance(1_900)
  expect(await things.get(1)).toBe('old')
  expect(await things.ttl(1)).toBe(2_000)
  await clock.advance(2_000)
  expect(await things.get(1)).toBe('new')
})

test('without a word of it, what was read too early stays for its life', async () => {
  const { clock, things, write } = setup({}, 'none')
  write(1, 'old')
  await clock.advance(5_000)
  write(1, 'new')
  await things.delete(1)
  expect(await things.get(1)).toBe('old')
  await clock.advance(60_000)
  expect(await things.get(1)).toBe('old')
})

test('no renewal, no heat and no life of what is absent goes beyond it', async () => {
  const { clock, things, write } = setup({
    renewal: 'sliding',
    negativeTtl: '1m',
    warm: { heat: { reads: 1, ttl: '2h', priority: 'high' } },
  })
  write(1, 'old')
  await clock.advance(5_000)
  for (let read = 0; read < 5; read += 1) {
    await things.get(1)
    await clock.advance(500)
  }
  expect(await things.ttl(1)).toBeLessThanOrEqual(2_000)
  expect(await things.get(9)).toBeUndefined()
  write(9, 'there')
  await clock.advance(4_000)
  expect(await things.get(9)).toBe('there')
})

test('what is written through the cache was not read from the replica', async () => {
  const { things } = setup({ write: { put: 'through' } })
  await things.put(1, 'new')
  expect(await things.get(1)).toBe('new')
  expect(await things.ttl(1)).toBe(3_600_000)
})

test.each([-1, 'soon', Number.NaN])('a lag of %s is refused', (lag) => {
  const cache = createCache({ name: 'shop' })
  const source = { load: () => 'one', lag: lag as number }
  expect(() => cache.collection('thing', { source })).toThrow(ConfigError)
  expect(() => cache.collection('thing', { source })).toThrow('collection(thing).source.lag')
})
