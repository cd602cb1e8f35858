/** A cache whose Redis has not been reached since it was made: whatever is asked of it comes to an end. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { createCache, TierError } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { freePort } from '../servers/free-port.ts'
import { drivers } from '../servers/redis-drivers.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
/** A step waits for the tier to open for a second, and no call waits for many of them. */
const MOST_MS = 5_000
const clients = drivers.filter(({ driver }) => driver === 'ioredis 5' || driver === 'node-redis 6')

let port = 0
beforeAll(async () => {
  port = await freePort()
})

describe.each(clients)('with $driver', (driver) => {
  test('a write behind the cache is refused in time', async () => {
    const own = driver.single(port)
    const cache = createCache({ name: 'shop', shared: redisTier(own.client), logger: SILENT })
    const products = cache.collection<number, string>('product', {
      store: {
        fencing: 'unfenced',
        load: () => undefined,
        apply: async (writes) => writes.map(() => ({ kind: 'applied' as const })),
      },
      write: { put: 'behind' },
    })
    const began = performance.now()
    await expect(products.put(1, 'Lamp')).rejects.toThrow(TierError)
    await expect(products.put(2, 'Lamp')).rejects.toThrow('could not be reached yet')
    expect(performance.now() - began).toBeLessThan(MOST_MS)
    await cache.close({ timeout: 0 })
    own.end()
  })
})

test('a process that does nothing but wait for it does not end', async () => {
  const child = spawn(
    process.execPath,
    [new URL('ready-child.ts', import.meta.url).pathname, `${port}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let said = ''
  child.stdout.on('data', (text) => {
    said += String(text)
  })
  const ended = once(child, 'exit')
  const first = await Promise.race([ended.then(() => 'ended'), pause(4_000, 'waits')])
  expect(first).toBe('waits')
  await ended
  expect(said).toBe('TimeoutError')
})
