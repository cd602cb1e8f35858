/** A short share of `npm run crash`: some kills on each pair, and the faults that its judge must see. */

import { describe, expect, test } from 'vitest'
import { type CampaignPlan, type Outcome, runCampaign } from './campaign.ts'
import { playControls } from './controls.ts'
import { openRedisSite, openSqliteSite, type Site } from './site.ts'
import { redisStrikes, sqliteStrikes } from './strikes.ts'

const KILLS = 6
const roles = ['writer', 'writer', 'owner'] as const
const common = {
  kills: KILLS,
  seed: 1,
  roles,
  writes: 4,
  durability: 'fsynced',
  progress: () => {},
}

async function crash<S extends Site>(plan: Pick<CampaignPlan<S>, 'site' | 'strikes'>) {
  return await runCampaign({ ...common, ...plan })
}

function expectNothingLost({ verdict, troubles, kills, killsInFlight }: Outcome): void {
  const said = [...verdict.findings, ...troubles].join('\n')
  const wrong = { lost: 0, rolledBack: 0, outOfOrder: 0, unknown: 0 }
  expect(verdict, said).toMatchObject(wrong)
  expect(troubles).toEqual([])
  expect(kills).toBe(KILLS)
  expect(killsInFlight).toBeGreaterThan(KILLS / 2)
  expect(verdict.acknowledged).toBeGreaterThan(1000)
}

// They wait for one another's processes most of the time, so they share it.
describe.concurrent('writes behind the cache, while everything is killed,', () => {
  test('are not lost on Redis and PostgreSQL', async () => {
    await using site = await openRedisSite('always')
    expectNothingLost(await crash({ site, strikes: redisStrikes }))
  }, 180_000)

  test('are not lost on SQLite', async () => {
    await using site = await openSqliteSite()
    expectNothingLost(await crash({ site, strikes: sqliteStrikes }))
  }, 180_000)

  test.each([
    { pair: 'Redis and PostgreSQL', open: (): Promise<Site> => openRedisSite('always') },
    { pair: 'SQLite', open: (): Promise<Site> => openSqliteSite() },
  ])(
    'faults that are planted on $pair are all seen',
    async ({ open }) => {
      const outcomes = await playControls(open, 1)
      const missed = outcomes.filter(({ isCaught }) => !isCaught)
      expect(missed).toEqual([])
      expect(outcomes).toHaveLength(3)
    },
    180_000,
  )
})
