import { describe, expect, test } from 'vitest'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/index.ts'

const SILENT = { warn: () => {}, error: () => {} }

function setup() {
  const clock = new FakeClock()
  const shared = memoryTier()
  const rows = new Map<number, string>()
  const open = () => {
    const options = { name: 'shop', shared, logger: SILENT, defaults: { jitter: 0 } }
    const cache = createCache(options, { clock })
    const things = cache.collection<number, string>('thing', {
      store: {
        fencing: 'versioned',
        load: (key) => rows.get(key),
        apply: async (writes) => writes.map(() => ({ kind: 'applied' as const })),
      },
      write: { put: 'behind', remove: 'behind' },
      behind: { delay: '1h' },
      ttl: '5m',
      memoryTtl: '1m',
    })
    return { cache, things }
  }
  return { clock, rows, open }
}

describe('an inspection', () => {
  test('shows what each tier has, with a life of its own', async () => {
    const { clock, rows, open } = setup()
    rows.set(1, 'one')
    const here = open()
    const there = open()
    await here.things.get(1)
    await clock.advance(10_000)
    expect(await there.things.inspect(1)).toMatchObject({
      tiers: ['shared'],
      memory: undefined,
      pending: false,
    })

    const seen = await here.things.inspect(1)
    expect(seen).toMatchObject({ tiers: ['memory', 'shared'], ageMs: 10_000, tags: [] })
    expect(seen?.shared).toMatchObject({ ageMs: 10_000, freshUntil: clock.now() + 290_000 })
    expect(seen?.memory).toMatchObject({ ageMs: 10_000 })
    expect(seen?.memory?.sizeBytes).toBeGreaterThan(0)
    expect(seen?.shared?.sizeBytes).toBeGreaterThan(0)
    await Promise.all([here.cache.close(), there.cache.close()])
  })

  test('tells a write that waits for the source, a removal too', async () => {
    const { clock, open } = setup()
    const { cache, things } = open()
    await things.put(2, 'two')
    await things.remove(3)
    expect(await things.inspect(2)).toMatchObject({ pending: true, absent: false })
    expect(await things.inspect(3)).toMatchObject({ pending: true, absent: true })
    const closed = cache.close({ timeout: 1000 })
    await clock.advance(1000)
    await closed
  })
})
