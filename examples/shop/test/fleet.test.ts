/** Three instances on one Redis, all of them seen from each of them. */

import type { InstanceReport } from 'tiercel'
import { describe, expect, test } from 'vitest'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { startInstances } from './start-instances.ts'

const TOKEN = 'token-of-the-shop-in-tests'
const bearer = { authorization: `Bearer ${TOKEN}` }

describe('three instances on Redis', () => {
  test('are seen with their figures from each of them', async () => {
    await using redis = await startRedis()
    const { instances } = await startInstances(3, { REDIS_URL: redis.url, ADMIN_TOKEN: TOKEN })
    // Each reads a different number of times, so that their figures can be told apart.
    for (const [n, { get }] of instances.entries()) {
      for (let time = 0; time <= n * 10; time += 1) await get('/products/7')
    }
    for (const { name, url } of instances) {
      const fleet = async (): Promise<readonly InstanceReport[]> => {
        const answer = await fetch(`${url}/tiercel/api/v1/fleet`, { headers: bearer })
        return (await answer.json()) as readonly InstanceReport[]
      }
      // Each leaves its figures every five seconds.
      await expect
        .poll(
          async () =>
            Object.fromEntries(
              (await fleet()).map(({ instance, stats }) => {
                const product = stats.patterns.find(({ pattern }) => pattern === 'product:*')
                return [instance, (product?.hits ?? 0) + (product?.misses ?? 0)]
              }),
            ),
          { timeout: 30_000, interval: 200 },
        )
        .toEqual({ 'shop-1': 1, 'shop-2': 11, 'shop-3': 21 })
      const [own, ...others] = await fleet()
      expect(own).toMatchObject({ instance: name, own: true, stats: { cache: 'shop' } })
      expect(others.map((other) => other.own)).toEqual([false, false])
    }
  }, 90_000)
})
