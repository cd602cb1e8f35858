/** A month of the shop, on a clock that the test drives. */

import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { openSqlite } from 'tiercel/sqlite'
import { expect, test } from 'vitest'
import type { CleaningReport, LastCleanUp } from '../src/cache/cache-cleaning.ts'
import { openStagedShops, type StagedShops } from './staged-shops.ts'

const CLEANED_EVERY_MS = 6 * 3_600_000
const CLEANED_A_DAY = 4
const DAYS = 31

interface Stats {
  readonly cachedUsers: number
  readonly cleanUp: CleaningReport
}

async function stats({ ask }: StagedShops, of: FastifyInstance): Promise<Stats> {
  return (await ask('GET', '/admin/cache/stats', { of })).json()
}

/** Goes on for a quarter of a day. Answers what the instances have reported of it. */
async function quarter(shops: StagedShops): Promise<readonly LastCleanUp[]> {
  const { clock, apps } = shops
  const before = await Promise.all(apps.map(async (app) => (await stats(shops, app)).cleanUp.last))
  await clock.leap(CLEANED_EVERY_MS)
  // Notes of reads travel after seconds.
  await clock.leap(60_000)
  const reports: LastCleanUp[] = []
  for (const [n, app] of apps.entries()) {
    const { last } = (await stats(shops, app)).cleanUp
    if (last !== null && last.endedAt !== before[n]?.endedAt) reports.push(last)
  }
  return reports
}

const READ = [1, 2, 3]
/** Nobody looks at these any more. They look at things themselves. */
const WELCOMED = [11, 12, 13]
const ORDERING = [21, 22, 23]
const LOGGING_IN = [31, 32, 33]
/** Asked for on the second day, and never again. */
const LATE = [41, 42, 43]
const FOLLOWING = [61, 62, 63]
const IDLE = [51, 52, 53]
const ALL = [READ, WELCOMED, ORDERING, LOGGING_IN, FOLLOWING, LATE, IDLE].flat()

test.each([1, 3])(
  'after 31 days, exactly the idle users have left the cache of %i instances, and none the source',
  async (count) => {
    const shops = await openStagedShops(count)
    const { clock, apps, ask } = shops
    for (const id of ALL) expect((await ask('GET', `/users/${id}`)).statusCode).toBe(200)

    const seen = new Set<number>()
    const reports: LastCleanUp[] = []
    for (let day = 1; day <= DAYS; day += 1) {
      if (day === 2) for (const id of LATE) await ask('GET', `/users/${id}`)
      if (day % 5 === 0) {
        for (const id of READ) await ask('GET', `/users/${id}`)
        for (const id of WELCOMED) await ask('GET', `/users/${id}/welcome`)
        for (const id of FOLLOWING) await ask('GET', `/feed/${id}`)
        for (const id of ORDERING) await ask('GET', `/users/${id}/latest-order`)
      }
      if (day === 15)
        for (const userId of LOGGING_IN) await ask('POST', '/sessions', { payload: { userId } })
      for (let n = 0; n < CLEANED_A_DAY; n += 1) {
        if (day >= 30) reports.push(...(await quarter(shops)))
        else await clock.leap(CLEANED_EVERY_MS)
      }
      if (day < 30) seen.add((await stats(shops, apps[0] as FastifyInstance)).cachedUsers)
    }

    // Until the thirtieth day all of them are there.
    expect([...seen]).toEqual([ALL.length])
    const left: number[] = []
    for (const id of ALL) {
      const { cached } = (await ask('GET', `/admin/cache/user/${id}`)).json() as { cached: boolean }
      if (!cached) left.push(id)
    }
    expect(left).toEqual(IDLE)

    // The reports of all instances, and what each of them says is cached.
    expect(reports.reduce((sum, { removed }) => sum + removed, 0)).toBe(IDLE.length)
    expect(reports.filter(({ removed }) => removed > 0)).toMatchObject([
      { removed: IDLE.length, before: ALL.length, after: ALL.length - IDLE.length },
    ])
    expect((await ask('POST', '/admin/cache/cleanup')).statusCode).toBe(202)
    await quarter(shops)
    const now = await Promise.all(apps.map((app) => stats(shops, app)))
    const [newest] = now
      .flatMap(({ cleanUp }) => cleanUp.last ?? [])
      .sort((one, other) => other.endedAt - one.endedAt)
    for (const { cachedUsers } of now) {
      expect(cachedUsers).toBe(ALL.length - IDLE.length)
      expect(newest).toMatchObject({ removed: 0, before: cachedUsers, after: cachedUsers })
    }

    await using source = openSqlite(join(shops.dataDir, 'source.db'))
    expect(await source.all('SELECT count(*) AS rows FROM users')).toEqual([{ rows: 1_000 }])
    expect((await ask('GET', `/users/${IDLE[0]}`)).json()).toMatchObject({ cached: false })
  },
)
