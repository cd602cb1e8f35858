import { describe, expect, test } from 'vitest'
import { pacedWaits } from '../src/measure/many-callers.ts'
import type { BehindService } from '../src/processes/behind-service.ts'
import { benchRow } from '../src/report/bench-row.ts'
import type { GroupName } from '../src/suites/measure-groups.ts'
import type { MeasureSettings } from '../src/suites/measure-settings.ts'
import { planSuite } from '../src/suites/plan-suite.ts'
import { runGroup } from '../src/suites/run-group.ts'
import { shortestMs, writeTaker } from '../src/suites/write-turns.ts'

/** The rows of a group that runs as short as it can, by their cases. */
async function setup(group: GroupName, settings: MeasureSettings) {
  const measured = await runGroup({ group, processes: 1, flags: [], settings })
  return new Map(measured.map((each) => [each.case, benchRow(each).row]))
}

const patience = 120_000
const tiny = { keys: 500, rounds: 1, passMs: 100 }
const upserts = [
  'pg upsert, 10 callers',
  'pg upsert, 100 callers',
  'postgres.js upsert, 10 callers',
  'postgres.js upsert, 100 callers',
]

test('waits at a pace are counted from when each call was due', async () => {
  let calls = 0
  // The first holds up the only caller; whatever was due meanwhile has waited too.
  const call = async (): Promise<void> => {
    calls += 1
    if (calls === 1) await new Promise((resolve) => void setTimeout(resolve, 50))
  }
  const waits = await pacedWaits({ callers: 1, ms: 200, call }, 1000)
  expect(waits.length).toBe(calls)
  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  expect(waits.filter((ms) => ms > 20).length).toBeGreaterThan(20)
})

describe('the plan of writes', () => {
  test('keeps its rounds and its keys when it is quick', () => {
    const plans = planSuite('write', true)
    expect(plans.map(({ group }) => group)).toEqual(['write-redis', 'write-sqlite', 'write-drain'])
    expect(Math.min(...plans.map(({ settings }) => settings.rounds))).toBeGreaterThanOrEqual(7)
    expect(plans[0]?.settings.keys).toBe(100_000)
  })

  test.each([true, false])('times passes that count, quick: %s', (quick) => {
    for (const { group, settings } of planSuite('write', quick)) {
      if (group !== 'write-drain') expect(settings.passMs).toBeGreaterThanOrEqual(shortestMs)
    }
  })
})

describe('a turn of ours', () => {
  /** Takes writes, and brings so many rows to the source each time that somebody looks. */
  const turnOf = async (rowsALook: number): Promise<readonly number[]> => {
    let rows = 0
    const service: BehindService = {
      write: () => new Promise((resolve) => void setTimeout(resolve, 5)),
      settle: async () => {},
      drained: async () => {
        rows += rowsALook
        return { statements: rows, rows, lastAt: 0 }
      },
    }
    const { write } = service
    const ours = { name: 'ours', role: 'ours', callers: 2, write, service } as const
    return await writeTaker(ours, { keys: 10, rounds: 1, passMs: shortestMs }).turn(1)
  }

  test('counts only if something was drained beside it', { timeout: patience }, async () => {
    await expect(turnOf(0)).rejects.toThrow('nothing was drained')
    const [rate] = await turnOf(1)
    expect(rate).toBeGreaterThan(0)
  })
})

describe('a tiny run of writes', () => {
  test(
    'over Redis has the rows of each durability and driver, beside the bare upserts',
    async () => {
      const rows = await setup('write-redis', tiny)
      expect([...rows.keys()]).toEqual([
        'behind, everysec, 100 callers',
        'statements per write',
        'ack p99 at 10000/s',
        'behind, everysec, 100 callers, postgres.js',
        'statements per write, postgres.js',
        'ack p99 at 10000/s, postgres.js',
        'behind, always, 100 callers',
        'statements per write, always',
        'ack p99 at 10000/s, always',
        'behind, always, 100 callers, postgres.js',
        'statements per write, always, postgres.js',
        'ack p99 at 10000/s, always, postgres.js',
      ])
      for (const row of rows.values()) {
        expect(row.ours).toBeGreaterThan(0)
        expect(row.limit).toBeGreaterThan(0)
        expect(Object.keys(row.peers)).toEqual(upserts)
      }
      // A statement for each write would be no queue at all.
      expect(rows.get('statements per write')?.ours).toBeLessThan(0.5)
    },
    patience,
  )

  test(
    'over SQLite has a commit for each write beside it',
    async () => {
      const rows = await setup('write-sqlite', tiny)
      const row = rows.get('behind, sqlite, 100 callers')
      expect(row).toMatchObject({ suite: 'write', unit: 'writes/s', better: 'higher' })
      expect(row?.ours).toBeGreaterThan(0)
      expect(Object.keys(row?.peers ?? {})).toEqual(['commit per write'])
    },
    patience,
  )

  test(
    'of a backlog drains every row of it, into PostgreSQL and into SQLite',
    async () => {
      const rows = await setup('write-drain', { keys: 300, rounds: 1, passMs: 0 })
      expect([...rows.keys()]).toEqual(['drain', 'drain, postgres.js', 'drain, sqlite'])
      for (const row of rows.values()) expect(row.ours).toBeGreaterThan(0)
    },
    patience,
  )
})
