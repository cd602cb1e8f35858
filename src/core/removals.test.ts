import { describe, expect, test } from 'vitest'
import type { SharedSession, SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** A cache with both tiers, and a hook before each touch of the shared one. */
function setup() {
  const clock = new FakeClock()
  const tier = memoryTier()
  const calls: number[] = []
  const before: { touch: (session: SharedSession) => Promise<unknown> } = {
    touch: () => Promise.resolve(),
  }
  const shared: SharedTier = {
    kind: tier.kind,
    open(context) {
      const session = tier.open(context)
      const invalidate = session.invalidate.bind(session)
      const touch = session.touch.bind(session)
      return Object.assign(session, {
        invalidate: (what: Parameters<typeof invalidate>[0]) => {
          if (what.kind === 'keys') calls.push(what.keys.length)
          return invalidate(what)
        },
        touch: async (requests: Parameters<typeof touch>[0]) => {
          await before.touch(session)
          return await touch(requests)
        },
      })
    },
  }
  return { before, calls, cache: createCache({ name: 'shop', shared }, { clock }) }
}

describe('deleteMany', () => {
  test('travels a thousand keys at a time, and names what cannot be a key', async () => {
    const { cache, calls } = setup()
    const keys = Array.from({ length: 2_001 }, (_, i) => `key ${i}`)
    await cache.setMany(keys.map((key) => [key, 1]))
    const report = await cache.deleteMany([...keys, '\ud800'])
    expect(report.succeeded).toBe(2_001)
    expect(report.failed).toMatchObject([{ key: '\ud800', error: { field: 'key' } }])
    expect(calls).toEqual([1000, 1000, 1])
    expect((await cache.getMany(keys)).size).toBe(0)
  })

  test('of nothing asks nobody', async () => {
    const { cache, calls } = setup()
    expect(await cache.deleteMany([])).toMatchObject({ succeeded: 0, failed: [] })
    expect(calls).toEqual([])
  })
})

test('an entry that is deleted while it is touched stays deleted', async () => {
  const { cache, before } = setup()
  await cache.set('a', 1, { ttl: '1h' })
  before.touch = (session) =>
    session.invalidate({ kind: 'keys', keys: [{ id: ':s1:a', collection: '' }], mode: 'delete' })
  expect(await cache.touch('a', '2h')).toBe(false)
  expect(await cache.read('a', { read: 'shared' })).toMatchObject({ found: false })
})

test('a key that is deleted rests no more: its next load is tried at once', async () => {
  const clock = new FakeClock()
  const cache = createCache({ name: 'shop', defaults: { jitter: 0 } }, { clock })
  const life = { ttl: '1s', grace: '1h' } as const
  await cache.set('a', 'old', life)
  await clock.advance(1_000)
  const down = (): never => {
    throw new Error('down')
  }
  expect(await cache.getOrLoad('a', down)).toBe('old')
  expect(await cache.getOrLoad('a', () => expect.fail('it rests'))).toBe('old')
  await cache.delete('a')
  await cache.set('a', 'newer', life)
  await clock.advance(1_000)
  expect(await cache.getOrLoad('a', () => 'loaded')).toBe('loaded')
})
