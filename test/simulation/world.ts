/** Everything that one seed needs, put together, and played to its end. */

import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { CleanUpJudge } from './clean-up-judge.ts'
import { Database, type Row } from './database.ts'
import { Faults } from './faults.ts'
import { HARD_MS, Instance } from './instance.ts'
import { BASE_MS } from './instance-clock.ts'
import { Judge } from './judge.ts'
import { type SimulatedKey, shardOfKey, simulatedKeys } from './keys.ts'
import { LoadJudge } from './load-judge.ts'
import { Network } from './network.ts'
import { Operations } from './operations.ts'
import type { Plan } from './plan.ts'
import { QueueJudge } from './queue-judge.ts'
import type { Rooms } from './rooms.ts'
import type { Setting, StoreFault } from './setting.ts'
import { ShardSite } from './shard-site.ts'
import { newTally, type Tally } from './tally.ts'
import { Tokens } from './tokens.ts'
import { Trace } from './trace.ts'
import type { Violation } from './violation.ts'
import { VirtualTime } from './virtual-time.ts'
import { WarmingJudge } from './warming-judge.ts'

export interface WorldParts {
  readonly rooms: Rooms
  readonly seed: number
  readonly setting: Setting
  readonly plan: Plan
  readonly traced: boolean
  readonly storeFault: StoreFault | undefined
  readonly met: (state: string) => void
}

/** All is well again so long after the last fault. */
const RECOVERY_MS = 10_500
/** Looks at what waits still, so far apart: whoever had the right to carry it out may have died. */
const DRAIN_LOOK_MS = 2_000
const DRAIN_LOOKS = 20
const LOSING: ReadonlySet<Plan['faults'][number]['kind']> = new Set([
  'failover',
  'restart',
  'control',
  'numbers',
  'flush',
])
/** Of a life, in which nothing is loaded again; what is loaded ahead is loaded after half of it. */
const KEPT_SHARE = 0.3
/** For the reads at the end. */
const LAST_MS = 4_000

export class World {
  readonly time: VirtualTime = new VirtualTime()
  readonly tally: Tally = newTally()
  readonly trace: Trace
  violation: Violation | undefined
  readonly #parts: WorldParts
  readonly #random: SeededRandom
  readonly #judge: Judge
  readonly #queueJudge: QueueJudge
  readonly #loadJudge: LoadJudge | undefined
  readonly #warmingJudge: WarmingJudge | undefined
  readonly #keys: readonly SimulatedKey[]
  readonly #network: Network
  readonly #database: Database
  readonly #operations: Operations
  readonly #instances: Instance[]
  #faults: Faults | undefined
  #born = 0

  constructor(parts: WorldParts) {
    const { seed, setting, traced, met, storeFault } = parts
    const now = (): number => Math.floor(BASE_MS + this.time.now)
    const rooms: Rooms = { ...parts.rooms, newRows: () => parts.rooms.newRows(now) }
    this.#parts = { ...parts, rooms }
    this.#random = new SeededRandom(seed ^ 0x5bd1e995)
    const { time } = this
    this.trace = new Trace(() => time.now, traced)
    this.#keys = simulatedKeys(setting.keys, setting.plain)
    this.#judge = new Judge({
      now: () => time.now,
      found: (violation) => this.#found(violation),
      standing: (key) => this.#standing(key),
    })
    const judge = this.#judge
    const attempts = setting.behind?.options.attempts ?? 0
    this.#queueJudge = new QueueJudge({ judge, tally: this.tally, attempts })
    const queueJudge = this.#queueJudge
    const cleanUpJudge = this.#cleanUpJudge(setting)
    this.#loadJudge = this.#judgeOfLoads(setting)
    this.#warmingJudge = this.#judgeOfWarming(setting)
    const loadJudge = this.#loadJudge
    const judges = { judge, queueJudge, cleanUpJudge, loadJudge }
    const common = { rooms, time, random: this.#random, trace: this.trace, ...judges }
    const sites = Array.from({ length: setting.shards }, (_, shard) => {
      const keys = this.#keys.filter((key) => shardOfKey(key, setting.shards) === shard)
      return new ShardSite({ ...common, shard, keys })
    })
    this.#network = new Network({ ...common, setting, sites })
    this.#database = new Database({
      ...common,
      setting,
      storeFault,
      committed: (row, by, isBehind) => this.#committed(row, by, isBehind),
    })
    this.#operations = new Operations({
      network: this.#network,
      database: this.#database,
      ...judges,
      tally: this.tally,
      setting,
      keys: this.#keys,
      tokens: new Tokens(),
      instances: () => this.#instances,
      witness: () => this.#instances.at(-1) as Instance,
      met,
    })
    for (const { key } of this.#keys) {
      this.#database.commit({ key, version: this.#judge.newVersion(), kind: 'row' }, 'the seed')
    }
    for (const { key } of this.#keys) this.#judge.covered(key)
    this.#instances = Array.from({ length: setting.instances + 1 }, (_, at) =>
      this.#newInstance(at < setting.instances ? `i${at}` : 'witness'),
    )
  }

  async play(): Promise<void> {
    const { plan, setting } = this.#parts
    const { time } = this
    const faults = new Faults({
      network: this.#network,
      random: this.#random,
      instances: this.#instances,
      loadJudge: this.#loadJudge,
      replace: (at) => {
        this.#instances[at] = this.#newInstance(`i${at}`)
      },
    })
    this.#faults = faults
    for (const fault of plan.faults) time.at(fault.at, () => faults.happen(fault))
    for (const operation of plan.operations) {
      time.at(operation.at, () => this.#perform(operation))
    }
    await time.run(setting.endMs)
    this.#network.heal()
    this.#database.heal()
    for (const { master } of this.#network.sites) master.fullUntil = Number.NEGATIVE_INFINITY
    await time.run(setting.endMs + RECOVERY_MS)
    if (setting.behind !== undefined && this.violation === undefined) await this.#drain()
    if (this.violation === undefined) await this.#compare()
  }

  #cleanUpJudge({ idle }: Setting): CleanUpJudge | undefined {
    if (idle === undefined) return undefined
    return new CleanUpJudge({
      now: () => this.time.now,
      found: (violation) => this.#found(violation),
      afterMs: Number(idle.after),
    })
  }

  #judgeOfWarming({ warming }: Setting): WarmingJudge | undefined {
    if (warming === undefined) return undefined
    return new WarmingJudge({
      now: () => this.time.now,
      found: (violation) => this.#found(violation),
      batch: warming.batch,
      longestMs: HARD_MS,
    })
  }

  #judgeOfLoads({ profile, ttlMs }: Setting): LoadJudge | undefined {
    if (profile !== 'ahead') return undefined
    return new LoadJudge({
      now: () => this.time.now,
      found: (violation) => this.#found(violation),
      keptMs: ttlMs * KEPT_SHARE,
      isWritten: () => this.#network.sites.some((site) => site.isWritten),
      troubledAt: () => Math.max(...this.#instances.map(({ troubledAt }) => troubledAt)),
    })
  }

  /** A paused instance begins nothing; what it has begun goes on afterwards. */
  #perform(operation: Plan['operations'][number]): void {
    const instance = this.#instances[operation.instance]
    if (instance === undefined || instance.dead) return
    this.time.at(this.time.now, () => this.#operations.run(instance, operation), instance)
  }

  async #drain(): Promise<void> {
    const { time } = this
    const { sites } = this.#network
    const backlog = (): number => sites.reduce((sum, site) => sum + site.backlog, 0)
    for (let looks = 0; backlog() > 0 && this.violation === undefined; looks += 1) {
      if (looks === DRAIN_LOOKS) {
        this.#judge.violated('WB-12', `at rest, ${backlog()} writes wait for nobody`)
        return
      }
      await time.run(time.now + DRAIN_LOOK_MS)
    }
    for (const { key } of this.#keys) this.#queueJudge.ended(key, this.#database.versionOf(key))
    this.#compareTold()
    const witness = this.#instances.at(-1) as Instance
    this.#operations.run(witness, { at: time.now, instance: 0, keys: [0], kind: 'flushAll' })
    await time.run(time.now + DRAIN_LOOK_MS)
  }

  /** Tags that a write names are removed when the database has it, whoever died meanwhile. */
  #compareTold(): void {
    // What the tier loses is lost with whatever it was to remove.
    if (this.#parts.plan.faults.some(({ kind }) => LOSING.has(kind))) return
    for (const { key, version } of this.#database.besideQueued) {
      if (this.#judge.isCovered(key, version)) continue
      this.#judge.violated('CO-1', `at rest, the tier was not told of ${key}=${version}`)
    }
  }

  async #compare(): Promise<void> {
    const { time } = this
    for (const { name, pending } of this.#instances) {
      if (pending === 0) continue
      this.#judge.violated('settles', `${pending} calls of ${name} have not come to an end`)
    }
    for (const instance of this.#instances) {
      for (const key of this.#keys)
        void this.#operations.reads.last(instance, key).catch((error) => {
          this.#judge.violated('settles', `at rest, ${instance.name} cannot read: ${String(error)}`)
        })
    }
    await time.run(time.now + LAST_MS)
  }

  #committed({ key, version, kind, number }: Row, by: string, isBehind: boolean): void {
    const { time } = this
    this.#faults?.committed(by)
    this.#judge.committed(key, version, { kind, number, isBehind })
    const known = this.#keys.find((one) => one.key === key) as SimulatedKey
    const site = this.#network.site(shardOfKey(known, this.#network.sites.length))
    const endsAt = site.intentEnds(this.#database.writeOf(version))
    if (endsAt === undefined) return
    // Whoever follows or claims after the deadline ends the write of one who has died.
    const { master } = site
    const epoch = master.rows.control()?.epoch
    time.at(endsAt + 1, () => {
      const stands = site.master === master && master.rows.control()?.epoch === epoch
      if (stands) this.#judge.coveredUpTo(key, version)
    })
  }

  #standing(key: string): number | undefined {
    const known = this.#keys.find((one) => one.key === key)
    // Asked of rows that are put in before there are servers as well.
    if (known === undefined || this.#parts.setting.behind === undefined) return undefined
    return this.#network?.site(shardOfKey(known, this.#network.sites.length)).standing(known)
  }

  #newInstance(name: string): Instance {
    const { rooms, setting } = this.#parts
    const seed = Math.floor(this.#random.next() * 2 ** 32)
    this.#born += 1
    const instance = new Instance({
      rooms,
      setting,
      seed,
      name: `${name}.${this.#born}`,
      network: this.#network,
      database: this.#database,
      keys: this.#keys,
    })
    const warming = this.#warmingJudge
    if (warming !== undefined) {
      instance.cache.on('load', (event) => warming.loaded(instance.name, event))
    }
    return instance
  }

  #found(violation: Violation): void {
    this.trace.say(() => `VIOLATION ${violation.guarantee}: ${violation.text}`)
    this.violation ??= violation
    this.time.stop()
  }
}
