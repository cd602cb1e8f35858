/** What is killed, and what is stopped, with nobody told before. */

import { setTimeout as pause } from 'node:timers/promises'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import { until } from '../servers/until.ts'
import type { Crew, InFlight } from './crew.ts'
import type { RedisSite, Site, SqliteSite } from './site.ts'
import type { WorkerProcess } from './worker-process.ts'

export interface Scene<S extends Site> {
  readonly site: S
  readonly crew: Crew
  readonly random: SeededRandom
  /** A kill of what keeps the writes lands now. */
  readonly tierFell: () => void
}

export interface Strike<S extends Site> {
  readonly name: string
  /** Of a kind that takes long, fewer are played. */
  readonly weight: number
  /** Whether something is killed; what is only stopped is not counted among the kills. */
  readonly kills: boolean
  /** Breaks and mends; answers what was under way. Workers that died are replaced afterwards. */
  run(scene: Scene<S>): Promise<InFlight>
}

/** How long a killed server stays away, at most. */
const AWAY_MS = 400
/** Longer than an instance may take writes without asking again. */
const ASLEEP_MS = 10_600
const OWNER_WITHIN_MS = 11_000

const workerStrikes: readonly Strike<Site>[] = [
  {
    name: 'kill -9 of a writer',
    weight: 5,
    kills: true,
    run: ({ crew, random }) => crew.kill9([random.pick(writersOf(crew))]),
  },
  {
    name: 'kill -9 of a queue owner, with the store asked',
    weight: 4,
    kills: true,
    async run({ crew }) {
      const owner = await ownerOf(crew)
      return await crew.kill9([owner])
    },
  },
  {
    name: 'kill -9 of all workers',
    weight: 1,
    kills: true,
    run: ({ crew }) => crew.kill9(crew.workers),
  },
]

/** It wakes up with a batch that another instance has carried out since. */
const asleep: Strike<Site> = {
  name: 'SIGSTOP of a queue owner for longer than its lease',
  weight: 0,
  kills: false,
  async run({ crew }) {
    const owner = await ownerOf(crew)
    owner.pause()
    const { inFlight } = crew
    await pause(ASLEEP_MS)
    owner.resume()
    return inFlight
  },
}

export const redisStrikes: readonly Strike<RedisSite>[] = [
  ...workerStrikes,
  asleep,
  {
    name: 'kill -9 of Redis',
    weight: 5,
    kills: true,
    async run({ site, crew, random, tierFell }) {
      const { inFlight } = crew
      tierFell()
      await site.redis.kill9()
      await pause(random.next() * AWAY_MS)
      await site.redis.start()
      return inFlight
    },
  },
  {
    name: 'kill -9 of PostgreSQL',
    weight: 4,
    kills: true,
    async run({ site, crew, random }) {
      await storeIsAsked(crew)
      const { inFlight } = crew
      await site.database.kill()
      await pause(random.next() * AWAY_MS)
      await site.database.start()
      return inFlight
    },
  },
  {
    name: 'kill -9 of PostgreSQL in mid-COMMIT, before it is written',
    weight: 3,
    kills: true,
    async run({ site, crew }) {
      await storeIsAsked(crew)
      const { inFlight } = crew
      await site.database.killBeforeCommit()
      return inFlight
    },
  },
  {
    name: 'kill -9 of PostgreSQL in mid-COMMIT, after it is written',
    weight: 3,
    kills: true,
    async run({ site, crew }) {
      const { inFlight } = crew
      const waiting = await site.database.killAfterCommit()
      return { ...inFlight, calls: waiting }
    },
  },
  {
    name: 'kill -9 of Redis, PostgreSQL and all workers',
    weight: 1,
    kills: true,
    async run({ site, crew, tierFell }) {
      const { inFlight } = crew
      tierFell()
      await Promise.all([site.redis.kill9(), site.database.kill(), crew.kill9(crew.workers)])
      await Promise.all([site.redis.start(), site.database.start()])
      return inFlight
    },
  },
  {
    name: 'SIGSTOP of PostgreSQL for 10 s at most',
    weight: 0,
    kills: false,
    async run({ site, crew, random }) {
      const { inFlight } = crew
      await site.database.stopFor(4000 + random.next() * 6000)
      return inFlight
    },
  },
]

export const sqliteStrikes: readonly Strike<SqliteSite>[] = [
  ...workerStrikes,
  asleep,
  {
    name: 'kill -9 of all workers but one',
    weight: 2,
    kills: true,
    run: ({ crew }) => crew.kill9(crew.workers.slice(1)),
  },
  {
    name: 'the database locked for 6 s at most',
    weight: 0,
    kills: false,
    async run({ site, crew, random }) {
      const { inFlight } = crew
      await site.database.lockFor(1000 + random.next() * 5000)
      return inFlight
    },
  },
]

/** With a call of the store under way, if anybody has one in time. */
async function ownerOf(crew: Crew): Promise<WorkerProcess> {
  const asking = (): WorkerProcess | undefined =>
    crew.workers.find(({ isAlive, openCalls }) => isAlive && openCalls.size > 0)
  await storeIsAsked(crew)
  const [busiest] = crew.workers.toSorted((one, other) => other.calls - one.calls)
  const owner = asking() ?? busiest
  if (owner === undefined) throw new Error('There are no workers.')
  return owner
}

async function storeIsAsked(crew: Crew): Promise<void> {
  await until('the store is asked', () => crew.inFlight.calls > 0, {
    withinMs: OWNER_WITHIN_MS,
    everyMs: 1,
  }).catch(() => {})
}

function writersOf(crew: Crew): readonly WorkerProcess[] {
  return crew.workers.filter(({ plan, isAlive }) => plan.role === 'writer' && isAlive)
}
