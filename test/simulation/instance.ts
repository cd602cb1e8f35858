/** One simulated process with its cache: real but for its clock, its chance and its connections. */

import type { Cache } from '../../src/contracts/cache.ts'
import type { Collection } from '../../src/contracts/collection.ts'
import type { EntryOptions } from '../../src/contracts/options.ts'
import type { SharedTier } from '../../src/contracts/shared-tier.ts'
import type { Database } from './database.ts'
import { FaultyLink, SHARED_TIMEOUT_MS } from './faulty-link.ts'
import { InstanceClock } from './instance-clock.ts'
import { COLLECTION, type SimulatedKey } from './keys.ts'
import { LabelledRandom } from './labelled-random.ts'
import type { Network } from './network.ts'
import { queuedWrites } from './queued-writes.ts'
import type { Rooms } from './rooms.ts'
import type { Setting } from './setting.ts'

export interface InstanceParts {
  readonly rooms: Rooms
  readonly network: Network
  readonly database: Database
  readonly setting: Setting
  readonly keys: readonly SimulatedKey[]
  readonly name: string
  readonly seed: number
}

/** Failures are part of the play. */
const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
export const HARD_MS = 1_000
const MAX_BLINDNESS_MS = 5_000

export class Instance {
  readonly name: string
  readonly cache: Cache
  readonly things: Collection<string, number>
  readonly clock: InstanceClock
  readonly random: LabelledRandom
  /** Loads for plain keys. */
  readonly database: { readonly load: (key: string) => Promise<number | undefined> }
  /** What plain keys live by. */
  readonly plainOptions: EntryOptions
  dead = false
  pausedUntil: number = Number.NEGATIVE_INFINITY
  /** By key: the newest of its own writes that it was told of. */
  readonly own: Map<string, number> = new Map()
  /** By key: the version of the removal that it is calling. */
  readonly removing: Map<string, number> = new Map()
  /** Calls that have not come to an end. */
  pending = 0
  #link: FaultyLink | undefined

  constructor({ rooms, network, database, setting, keys, name, seed }: InstanceParts) {
    this.name = name
    const random = new LabelledRandom(seed)
    this.random = random
    // Wall clocks of two machines differ by up to an hour.
    const offsetMs = random.pick([0, 0, -3_600_000, 3_600_000, 40])
    this.clock = new InstanceClock(network.time, this, offsetMs)
    const shared: SharedTier = {
      kind: 'simulated',
      open: (context) => {
        const session = context.random.id()
        for (const site of network.sites) site.sessions.add(session)
        const { envelope } = rooms
        const { removing } = this
        const link = new FaultyLink({
          network,
          owner: this,
          instance: name,
          queuedWrites: (requests) => queuedWrites({ envelope, keys, removing }, requests),
        })
        this.#link = link
        return new rooms.shard.ShardClient({
          link,
          clock: context.clock,
          tier: 'simulated',
          session,
        })
      },
    }
    this.cache = rooms.library.createCache(
      {
        name: 'simulated',
        instance: name,
        shared,
        memory: setting.memory === 'off' ? 'off' : { entries: setting.memory === 'on' ? 1_000 : 2 },
        sharedTimeout: SHARED_TIMEOUT_MS,
        coherence: {
          maxBlindness: MAX_BLINDNESS_MS,
          follow: setting.follow,
          whenBlind: setting.whenBlind,
        },
        defaults: {
          ttl: setting.ttlMs,
          grace: setting.graceMs,
          renewal: setting.renewal,
          negativeTtl: setting.negativeTtl,
          refreshAhead: setting.refreshAhead,
          timeouts: { soft: 200, hard: HARD_MS },
        },
        ...(setting.warming === undefined ? {} : { warming: setting.warming }),
        logger: SILENT,
      },
      { clock: this.clock, random },
    )
    this.database = { load: (key) => database.load(key, { owner: this, name }) }
    this.plainOptions = { ttl: setting.ttlMs }
    const tags = new Map(keys.map((one) => [one.key, one.tags]))
    this.things = this.cache.collection<string, number>(COLLECTION, {
      store: database.store({ owner: this, name, calledFor: () => random.label }),
      write: setting.behind?.policies ?? { put: setting.put, remove: setting.put },
      tagsOf: (_value, key) => tags.get(key) ?? [],
      ...(setting.idle === undefined ? {} : { idle: setting.idle }),
      ...(setting.behind === undefined ? {} : { behind: setting.behind.options }),
    })
  }

  followedAt(shard: number): number {
    return this.#link?.followedAt(shard) ?? Number.NEGATIVE_INFINITY
  }

  /** When it last went without an answer of the tier, or began. */
  get troubledAt(): number {
    return this.#link?.troubledAt ?? Number.POSITIVE_INFINITY
  }

  moved(...what: Parameters<FaultyLink['moved']>): void {
    this.#link?.moved(...what)
  }
}
