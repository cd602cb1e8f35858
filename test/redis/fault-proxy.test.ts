/** The proxy that other tests rely on: what it does to a connection is over when it is healed. */

import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { askRedis } from '../servers/ask-redis.ts'
import type { Direction } from '../servers/direction-pump.ts'
import { FaultProxy } from '../servers/fault-proxy.ts'
import { startRedis } from '../servers/start-redis.ts'

const TEXT = 'x'.repeat(20_000)

const slow: readonly (readonly [string, Direction])[] = [
  ['narrow', { bytesPerSecond: 500 }],
  ['far', { latencyMs: 40_000 }],
  ['in slices', { sliceBytes: 10, sliceDelayMs: 50 }],
  ['silent', { blackHole: true }],
]

test.each(slow)(
  'what is on a way that is %s comes through at once when it is healed',
  async (_, direction) => {
    await using server = await startRedis()
    await using proxy = await FaultProxy.start(server.port)
    for (const which of ['up', 'down']) {
      proxy.set(which === 'up' ? direction : {}, which === 'up' ? {} : direction)
      let isOver = false
      const echo = askRedis(proxy.port, ['ECHO', TEXT]).finally(() => {
        isOver = true
      })
      // Time enough for a way without fault.
      await pause(100)
      expect(isOver).toBe(false)
      const healedAt = performance.now()
      proxy.heal()
      expect(await echo).toBe(TEXT)
      expect(performance.now() - healedAt).toBeLessThan(5_000)
    }
  },
)
