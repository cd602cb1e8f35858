import { describe, expect, test } from 'vitest'
import { benchRow } from '../src/report/bench-row.ts'
import type { GroupName } from '../src/suites/measure-groups.ts'
import type { MeasureSettings } from '../src/suites/measure-settings.ts'
import { planResets, planSuite } from '../src/suites/plan-suite.ts'
import { runGroup } from '../src/suites/run-group.ts'

/** The rows of a group that runs as short as it can, by their cases. */
async function setup(group: GroupName, settings: MeasureSettings) {
  const measured = await runGroup({ group, processes: 1, flags: [], settings })
  const rows = new Map(measured.map((each) => [each.case, benchRow(each).row]))
  return { rows, cases: [...rows.keys()] }
}

const patience = 120_000
const peers = ['bentocache', 'cache-manager', 'cacheable', 'layered-loader']

describe('the plan over Redis', () => {
  test('has a group for each suite, and keeps its rounds when it is quick', () => {
    for (const suite of ['shared', 'batch', 'stampede'] as const) {
      const plans = planSuite(suite, true)
      expect(plans.length).toBeGreaterThan(0)
      expect(Math.min(...plans.map(({ settings }) => settings.rounds))).toBeGreaterThanOrEqual(7)
    }
    expect(planSuite('batch', false)[0]?.settings.keys).toBe(1000)
    expect(planSuite('stampede', false)[0]?.settings.keys).toBe(1000)
  })

  test('resets connections only where it is asked to, five times in half a minute', () => {
    const groups = planSuite('invalidation', false).map(({ group }) => group)
    expect(groups).toEqual(['invalidation-delay', 'invalidation-rate'])
    expect(planResets(false)[0]?.settings).toMatchObject({ rounds: 5, passMs: 30_000 })
  })
})

describe('a tiny run over Redis', () => {
  test(
    'of shared reads has a row for each client library, with the same peers',
    async () => {
      const { rows, cases } = await setup('shared-reads', { keys: 200, rounds: 2, passMs: 1 })
      expect(cases).toEqual([
        'get, 1 caller',
        'get, 1 caller, node-redis',
        'get, 100 callers',
        'get, 100 callers, node-redis',
        'getMany of 100 keys',
        'getMany of 100 keys, node-redis',
      ])
      const units = [...rows.values()].map(({ unit, better }) => `${unit} ${better}`)
      expect(new Set(units)).toEqual(new Set(['us lower', 'ops/s higher']))
      for (const row of rows.values()) {
        expect(row.ours).toBeGreaterThan(0)
        expect(row.limit).toBeGreaterThan(0)
        expect(Object.keys(row.peers).toSorted()).toEqual(peers)
      }
    },
    patience,
  )

  test(
    'of shared misses takes the source off what a miss took',
    async () => {
      const { rows } = await setup('shared-misses', { keys: 1, rounds: 2, passMs: 20 })
      const row = rows.get('miss overhead')
      expect(row).toMatchObject({ suite: 'shared', unit: 'ms', better: 'lower' })
      // With the source's 5 ms in it, the limit would be above them on any machine.
      expect(row?.limit).toBeLessThan(5)
      expect(row?.limit).toBeGreaterThan(0)
    },
    patience,
  )

  test(
    'of a start compares it with single reads, and what is read beside it with an idle process',
    async () => {
      const { rows, cases } = await setup('warm-start', { keys: 200, rounds: 2, passMs: 200 })
      expect(cases).toEqual([
        'warmed a second, 200 keys into Redis',
        'shared read p99 beside it, 200 keys into Redis',
        'longest turn beside it, 200 keys into Redis',
      ])
      for (const row of rows.values()) {
        expect(row).toMatchObject({ suite: 'warm' })
        for (const value of [row.ours, row.limit, row.peers['one by one (tiercel)']]) {
          expect(value).toBeGreaterThan(0)
        }
      }
    },
    patience,
  )

  test(
    'of a batch compares bulk calls with one call a key',
    async () => {
      const { rows } = await setup('batch-bulk', { keys: 50, rounds: 2, passMs: 1 })
      const row = rows.get('setMany of 50 keys')
      expect(row).toMatchObject({ suite: 'batch', unit: 'ms', better: 'lower' })
      expect(Object.keys(row?.peers ?? {}).toSorted()).toEqual([...peers, 'one by one'].toSorted())
      expect(rows.has('getMany of 50 keys, node-redis')).toBe(true)
    },
    patience,
  )

  test(
    'of long batches measures the turns of the event loop, beside those of an idle process',
    async () => {
      const { rows } = await setup('batch-turns', { keys: 500, rounds: 2, passMs: 20 })
      const row = rows.get('longest turn, setMany of 500 keys')
      expect(row).toMatchObject({ suite: 'batch', unit: 'ms', better: 'lower' })
      expect(row?.limit).toBeGreaterThan(0)
      expect(Object.keys(row?.peers ?? {}).toSorted()).toEqual(peers.toSorted())
      expect(rows.has('longest turn, getMany of 500 keys, node-redis')).toBe(true)
    },
    patience,
  )

  test(
    'of invalidations times copies in three other processes',
    async () => {
      const { rows, cases } = await setup('invalidation-delay', {
        keys: 1000,
        rounds: 2,
        passMs: 200,
      })
      expect(cases).toEqual(['delay p50', 'delay p99'])
      const p50 = rows.get('delay p50')
      const p99 = rows.get('delay p99')
      expect(Object.keys(p50?.peers ?? {}).toSorted()).toEqual(['bentocache', 'layered-loader'])
      expect(p50?.ours).toBeGreaterThan(0)
      expect(p99?.ours).toBeGreaterThanOrEqual(p50?.ours ?? Number.NaN)
      expect(p99?.ours).toBeLessThan(5000)
    },
    patience,
  )

  test(
    'of the sustained rate answers a rung of the ladder',
    async () => {
      const { rows } = await setup('invalidation-rate', { keys: 20_000, rounds: 1, passMs: 50 })
      const row = rows.get('sustained rate')
      expect(row).toMatchObject({ unit: '1/s', better: 'higher' })
      expect([0, 1000, 2000, 5000, 10_000, 20_000, 40_000]).toContain(row?.ours)
    },
    patience,
  )

  test(
    'over resets finds no key that we serve older than its last invalidation',
    async () => {
      const { rows } = await setup('invalidation-resets', { keys: 500, rounds: 2, passMs: 400 })
      expect(rows.get('stale keys after 2 resets')?.ours).toBe(0)
      expect(rows.get('rate over 2 resets')?.ours).toBeGreaterThan(0)
    },
    patience,
  )

  test(
    'of a stampede counts the loads of four processes together',
    async () => {
      const { rows } = await setup('stampede', { keys: 20, rounds: 2, passMs: 0 })
      expect(rows.get('loader calls, 4 processes')).toMatchObject({
        unit: 'loads',
        ours: 1,
        limit: 1,
        peers: { bentocache: 4, 'layered-loader': 4, cacheable: 4, 'cache-manager': 4 },
      })
      expect(rows.get('wait p99')?.limit).toBeGreaterThan(200)
    },
    patience,
  )
})
