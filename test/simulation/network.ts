/** What all simulated connections have in common: the servers, the cuts, and how messages fare. */

import type { TierError } from '../../src/contracts/errors.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import { shortDelay } from './delay.ts'
import type { Rooms } from './rooms.ts'
import type { Net, Setting } from './setting.ts'
import type { ShardSite } from './shard-site.ts'
import type { Trace } from './trace.ts'
import type { VirtualTime } from './virtual-time.ts'

export interface NetworkParts {
  readonly rooms: Rooms
  readonly time: VirtualTime
  readonly random: SeededRandom
  readonly trace: Trace
  readonly setting: Setting
  readonly sites: readonly ShardSite[]
}

export class Network {
  readonly time: VirtualTime
  readonly random: SeededRandom
  readonly trace: Trace
  readonly sites: readonly ShardSite[]
  readonly reads: Setting['reads']
  net: Net
  readonly #rooms: Rooms
  readonly #cuts = new Map<string, number>()

  constructor({ rooms, time, random, trace, setting, sites }: NetworkParts) {
    this.#rooms = rooms
    this.time = time
    this.random = random
    this.trace = trace
    this.sites = sites
    this.reads = setting.reads
    this.net = setting.net
  }

  site(shard: number): ShardSite {
    const site = this.sites[shard]
    if (site === undefined) throw new RangeError(`There is no shard ${shard}.`)
    return site
  }

  cut(instance: string, shard: number, until: number): void {
    this.#cuts.set(`${instance} ${shard}`, until)
  }

  /** In the past if there is none. */
  cutUntil(instance: string, shard: number): number {
    return this.#cuts.get(`${instance} ${shard}`) ?? Number.NEGATIVE_INFINITY
  }

  /** From now on every message comes at once, and in its turn. */
  heal(): void {
    this.#cuts.clear()
    this.net = { ...this.net, hintLost: 0, hintAstray: 0, lost: 0, stalled: 0, doubled: 0 }
  }

  delay(): number {
    return shortDelay(this.random)
  }

  error(message: string): TierError {
    return new this.#rooms.library.TierError('simulated', message)
  }
}
