/** The suite of the shared tier over Redis, with each client library and with several shards. */

import { afterAll, beforeAll, describe, test } from 'vitest'
import { sharedTierSuite } from '../../src/testing/shared-tier-suite.ts'
import { drivers } from '../servers/redis-drivers.ts'
import type { RedisServer } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'
import { redisTierSubject } from './redis-tier-subject.ts'

/** A server's clock cannot be moved. */
const HAS = ['slow-steps', 'exact-hints', 'queues']

/** Redis tells the collection of a key by its id, as `keys/` writes it; this case has ids of any form. */
const FOREIGN_IDS = 'a scan lists any key there is, as it was stored'

const lacks = (needs: readonly string[]): boolean => needs.some((need) => !HAS.includes(need))

const leftOut = sharedTierSuite.filter(({ needs }) => lacks(needs))
if (leftOut.length > 0) {
  const lines = leftOut.map((one) => `  ${one.name} (needs ${one.needs.join(', ')})`)
  lines.push(`  ${FOREIGN_IDS} (has ids that no cache writes)`)
  console.info(`The shared tier, Redis, leaves out:\n${lines.join('\n')}`)
}

describe.each(drivers)('the shared tier on Redis, $driver', ({ single }) => {
  let server: RedisServer
  let cases = 0
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  for (const { name: title, needs, run } of sharedTierSuite) {
    if (lacks(needs) || title === FOREIGN_IDS) continue
    test(title, async () => {
      cases += 1
      await using subject = redisTierSubject(single(server.port), {
        ports: [server.port],
        shards: 4,
        prefix: `case-${cases}-`,
      })
      await run(subject)
    })
  }
})
