/** What an orchestrator is told of a cache that starts, fails and ends. */

import { describe, expect, onTestFinished, test } from 'vitest'
import { createAdmin } from '../../src/admin/index.ts'
import { type Cache, type CacheOptions, createCache, TierError } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { SystemClock } from '../../src/memory/system-clock.ts'
import { chaosTier } from '../../src/testing/index.ts'

interface Probed {
  readonly cache: Cache
  readonly ready: () => Promise<number>
  readonly live: () => Promise<number>
}

function open(options: Partial<CacheOptions>): Probed {
  const logger = { warn: () => {}, error: () => {} }
  const cache = createCache({ name: 'shop', logger, ...options })
  const admin = createAdmin({ cache })
  onTestFinished(async () => {
    admin.close()
    await cache.close({ timeout: 1 })
  })
  const probe = async (name: string): Promise<number> =>
    (await admin.fetch(new Request(`http://10.0.0.7/health/${name}`))).status
  return { cache, ready: () => probe('ready'), live: () => probe('live') }
}

describe('a process', () => {
  test('with nothing but itself is ready at once', async () => {
    const { ready, live } = open({})
    expect([await live(), await ready()]).toEqual([200, 200])
  })

  test('is ready without its shared tier, since its source answers', async () => {
    const away = new TierError('shared', 'It is away.')
    const shared = chaosTier(memoryTier(), () => ({ kind: 'fail', error: away }), new SystemClock())
    const { cache, ready } = open({ shared })
    for (let n = 0; n < 20; n += 1) await cache.get('a')
    await expect.poll(ready, { timeout: 10_000 }).toBe(200)
  })

  test('that warms first is ready when it is warm', async () => {
    const held = Promise.withResolvers<void>()
    const { cache, ready, live } = open({ shared: memoryTier() })
    cache.collection<number, string>('product', {
      source: (id) => `Lamp ${id}`,
      warm: {
        start: {
          from: async () => {
            await held.promise
            return [1, 2, 3]
          },
          ready: 'when-warm',
        },
      },
    })
    expect([await live(), await ready()]).toEqual([200, 503])
    held.resolve()
    await expect.poll(ready, { timeout: 10_000 }).toBe(200)
  })

  test('that has closed its cache lives, and is not ready', async () => {
    const { cache, ready, live } = open({})
    await cache.close()
    expect([await live(), await ready()]).toEqual([200, 503])
  })
})
