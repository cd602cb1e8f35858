/** Waits for a Redis that is not there, for five seconds by a timer that keeps no process alive. */

import { Redis } from 'ioredis'
import { createCache } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'

const client = new Redis({ port: Number(process.argv[2]), lazyConnect: true })
const cache = createCache({
  name: 'shop',
  shared: redisTier(client),
  logger: { level: 'silent', warn: () => {}, error: () => {} },
})
try {
  await cache.ready({ signal: AbortSignal.timeout(5_000) })
} catch (error) {
  process.stdout.write((error as Error).name)
}
await cache.close({ timeout: 0 })
client.disconnect()
