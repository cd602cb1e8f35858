/**
 * What every shared tier does, and what several instances promise one another, on a Redis cluster of
 * three masters. Called by the test file of each client, so that they run beside each other.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sharedTierSuite } from '../../src/testing/shared-tier-suite.ts'
import { askedOfServers } from '../servers/asked-of-servers.ts'
import type { Driver } from '../servers/redis-drivers.ts'
import { type RedisCluster, startCluster } from '../servers/start-cluster.ts'
import { INSTANCES_CASES } from './instances-cases.ts'
import { redisInstances } from './redis-instances.ts'
import { redisTierSubject } from './redis-tier-subject.ts'

/** What the tier on one server has, and no less. */
const HAS = ['slow-steps', 'exact-hints', 'queues']

/** Redis tells the collection of a key by its id, as `keys/` writes it; this case has ids of any form. */
const FOREIGN_IDS = 'a scan lists any key there is, as it was stored'

const lacks = (needs: readonly string[]): boolean => needs.some((need) => !HAS.includes(need))

export function describeCluster(driver: Driver): void {
  tellLeftOut()
  describe(`a Redis cluster, ${driver.driver}`, () => {
    let cluster: RedisCluster
    let ports: readonly number[] = []
    let cases = 0
    beforeAll(async () => {
      cluster = await startCluster({ masters: 3 })
      ports = cluster.masters.map(({ port }) => port)
    })
    afterAll(async () => {
      await cluster[Symbol.asyncDispose]()
    })

    describe('the shared tier', () => {
      for (const { name: title, needs, run } of sharedTierSuite) {
        if (lacks(needs) || title === FOREIGN_IDS) continue
        test(title, async () => {
          cases += 1
          const options = { ports, shards: 4, prefix: `case-${cases}-` }
          await using subject = redisTierSubject(driver.cluster(ports), options)
          await run(subject)
        })
      }
    })

    // Most of it is waiting, and each case has a cache of its own.
    describe.concurrent('instances', () => {
      test.each(INSTANCES_CASES)('$title', async ({ run }) => {
        cases += 1
        await using instances = redisInstances(driver.cluster(ports), `shop-${cases}`)
        await run(instances)
      })
    })

    test('no script has left its slot, and no keys were listed', async () => {
      await using instances = redisInstances(driver.cluster(ports), 'counted')
      await instances.open().set('k', 1)
      const { commands, errors } = await askedOfServers(cluster.masters)
      expect(commands.get('evalsha')).toBeGreaterThan(0)
      expect(commands.has('keys')).toBe(false)
      expect(errors.has('CROSSSLOT')).toBe(false)
    })
  })
}

function tellLeftOut(): void {
  const lines = sharedTierSuite
    .filter(({ needs }) => lacks(needs))
    .map((one) => `  ${one.name} (needs ${one.needs.join(', ')})`)
  lines.push(`  ${FOREIGN_IDS} (has ids that no cache writes)`)
  console.info(`The shared tier, a Redis cluster, leaves out:\n${lines.join('\n')}`)
}
