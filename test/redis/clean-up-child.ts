/** A process of its own that cleans up as soon as it has begun: `clean-up.test.ts` ends it in the middle. */

import { createCache } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { drivers } from '../servers/redis-drivers.ts'

const [ioredis] = drivers
const user = ioredis?.single(Number(process.argv[2]))
if (user === undefined) throw new Error('There are no drivers.')
const cache = createCache({
  name: 'shop',
  shared: redisTier(user.client, { shards: 4 }),
  idle: { after: '30d' },
  memory: 'off',
})
cache.on('clean-up', () => process.exit(0))
// Until it is killed: the timer of the clean-up keeps no process alive.
setInterval(() => {}, 60_000)
