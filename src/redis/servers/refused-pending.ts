/** Writes behind the cache over several servers: a shard that moves would leave those that wait behind. */

import { TierError } from '../../contracts/errors.ts'
import type { PendingLink } from '../../shard/index.ts'

const refuse = (): Promise<never> =>
  Promise.reject(
    new TierError(
      'redis',
      'Writes cannot wait for the source on several servers, whose shards move. Use one server or a cluster for what is written behind.',
    ),
  )

export const refusedPending: PendingLink = {
  get durability() {
    return refuse()
  },
  enqueue: refuse,
  take: refuse,
  settle: refuse,
  hasten: refuse,
  waits: refuse,
  backlog: refuse,
  list: refuse,
  dead: refuse,
  revive: refuse,
  drop: refuse,
}
