/** Several instances of one cache over a real Redis server, with each client. */

import { afterAll, beforeAll, describe, test } from 'vitest'
import { drivers } from '../servers/redis-drivers.ts'
import { startRedis } from '../servers/start-redis.ts'
import { INSTANCES_CASES } from './instances-cases.ts'
import { redisInstances } from './redis-instances.ts'

// Most of it is waiting, and each case has a cache of its own.
describe.concurrent.each(drivers)('instances on Redis with $driver', ({ single }) => {
  let server: Awaited<ReturnType<typeof startRedis>>
  let cases = 0
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  test.each(INSTANCES_CASES)('$title', async ({ run }) => {
    cases += 1
    await using instances = redisInstances(single(server.port), `shop-${cases}`)
    await run(instances)
  })
})
