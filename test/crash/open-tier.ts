/** The shared tier of a worker, whole or with a fault planted. */

import type { PendingSteps } from '../../src/contracts/pending-steps.ts'
import type { SharedTier } from '../../src/contracts/shared-tier.ts'
import { redisTier } from '../../src/redis/index.ts'
import { sqliteTier } from '../../src/sqlite/index.ts'
import { drivers } from '../servers/redis-drivers.ts'
import type { WorkerPlan } from './messages.ts'
import { withoutSyncing } from './without-syncing.ts'

export interface OpenTier {
  readonly shared: SharedTier
  end(): void
}

/** How long the planted fault keeps a write to itself after it was acknowledged: it is killed before. */
const HELD_MS = 60_000

/** Both libraries that are widely used, as the servers' tests name them. */
const CLIENTS = ['ioredis 5', 'node-redis 6']

export function openTier(plan: WorkerPlan): OpenTier {
  const { shared, end } = placeOf(plan)
  const hasty = plan.planted === 'acknowledges before the script answered'
  return { shared: hasty ? acknowledgingEarly(shared) : shared, end }
}

function placeOf({ tier, client }: WorkerPlan): OpenTier {
  if (tier.kind === 'sqlite') {
    if (tier.disk === 'off') {
      withoutSyncing()
      return { shared: sqliteTier(tier.path, { thread: 'inline' }), end: () => {} }
    }
    return { shared: sqliteTier(tier.path, { busyTimeoutMs: 1000 }), end: () => {} }
  }
  const driver = drivers.find((one) => one.driver === CLIENTS[client % CLIENTS.length])
  if (driver === undefined) throw new Error(`There is no client ${client}.`)
  const user = driver.single(tier.port)
  return { shared: redisTier(user.client, { shards: 4 }), end: () => user.end() }
}

/** A tier that says "queued" at once, and asks the shard afterwards. */
function acknowledgingEarly(tier: SharedTier): SharedTier {
  return {
    kind: tier.kind,
    open(context) {
      const session = tier.open(context)
      const enqueue: PendingSteps['enqueue'] = async (requests) => {
        const later = (): void => void session.pending.enqueue(requests).catch(() => {})
        setTimeout(later, HELD_MS)
        return requests.map((request) => ({
          kind: 'queued',
          ...session.place(request),
          epoch: 'early',
          sequence: 1,
          serverNow: Date.now(),
          backlog: { records: 1, bytes: 1 },
        }))
      }
      const pending = over(session.pending, { enqueue })
      return over(session, { pending })
    },
  }
}

/** As it is, but for these members. */
function over<T extends object>(whole: T, members: Partial<T>): T {
  return new Proxy(whole, {
    get(target, property) {
      if (property in members) return Reflect.get(members, property)
      const member: unknown = Reflect.get(target, property, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
