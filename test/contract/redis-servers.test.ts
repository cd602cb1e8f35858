/** The suite of the shared tier over two independent Redis servers, with each client library. */

import { afterAll, beforeAll, describe, test } from 'vitest'
import { sharedTierSuite } from '../../src/testing/shared-tier-suite.ts'
import { type Driver, drivers } from '../servers/redis-drivers.ts'
import type { RedisServer } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'
import { redisServersSubject } from './redis-servers-subject.ts'

/** What the tier on one server has, but for writes that wait, which it refuses: see `servers-link.test.ts`. */
const HAS = ['slow-steps', 'exact-hints']

/** Redis tells the collection of a key by its id, as `keys/` writes it; this case has ids of any form. */
const FOREIGN_IDS = 'a scan lists any key there is, as it was stored'

const lacks = (needs: readonly string[]): boolean => needs.some((need) => !HAS.includes(need))

const leftOut = sharedTierSuite.filter(({ needs }) => lacks(needs))
if (leftOut.length > 0) {
  const lines = leftOut.map((one) => `  ${one.name} (needs ${one.needs.join(', ')})`)
  lines.push(`  ${FOREIGN_IDS} (has ids that no cache writes)`)
  console.info(`The shared tier, several Redis servers, leaves out:\n${lines.join('\n')}`)
}

const driversOfTwo = [drivers[0], drivers[2]] as readonly Driver[]

describe.each(driversOfTwo)('the shared tier on two Redis servers, $driver', (driver) => {
  const servers: RedisServer[] = []
  beforeAll(async () => {
    servers.push(await startRedis(), await startRedis())
  })
  afterAll(async () => {
    for (const server of servers) await server[Symbol.asyncDispose]()
  })

  for (const { name: title, needs, run } of sharedTierSuite) {
    if (lacks(needs) || title === FOREIGN_IDS) continue
    test(title, async () => {
      for (const server of servers) await server.call('FLUSHALL')
      const given = servers.map(({ port }, at) => ({ name: `server-${at}`, port }))
      await using subject = redisServersSubject(driver, given)
      await run(subject)
    })
  }
})
