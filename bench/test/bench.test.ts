import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import type { Contestant } from '../src/measure/contestant.ts'
import { interleave } from '../src/measure/interleave.ts'
import { benchRow } from '../src/report/bench-row.ts'
import { benchSetting } from '../src/report/bench-setting.ts'
import { planSuite } from '../src/suites/plan-suite.ts'
import { runGroup } from '../src/suites/run-group.ts'

/** Contestants that write down when they run, and a collector as a measuring process has it. */
function setup() {
  setFlagsFromString('--expose-gc')
  globalThis.gc ??= runInNewContext('gc') as typeof globalThis.gc
  const ran: string[] = []
  const contestant = (name: string, answer = 10): Contestant => ({
    name,
    role: 'peer',
    pass: () => {
      ran.push(name)
      return answer
    },
    expected: () => 10,
  })
  return { ran, contestant }
}

const options = { rounds: 4, passMs: 1, operations: { min: 10, max: 10 } }

describe('interleave', () => {
  test('runs everybody in every round, and nobody always behind the same neighbour', async () => {
    const { ran, contestant } = setup()
    const series = await interleave(
      ['a', 'b', 'c'].map((name) => contestant(name)),
      options,
    )
    expect(series.map(({ samples }) => samples.length)).toEqual([4, 4, 4])
    const rounds = ran.slice(-12).join('').match(/.../g)
    expect(rounds).toEqual(['abc', 'acb', 'cab', 'cba'])
  })

  test('fails when a pass did not come to what hits come to', async () => {
    const { contestant } = setup()
    await expect(interleave([contestant('a', 9)], options)).rejects.toThrow('came to 9, not 10')
  })
})

describe('the plan', () => {
  test('keeps at least seven rounds when it is quick, and leaves out the million keys', () => {
    const quick = [...planSuite('hit', true), ...planSuite('l1', true)]
    expect(Math.min(...quick.map(({ settings }) => settings.rounds))).toBeGreaterThanOrEqual(7)
    expect(Math.max(...quick.map(({ settings }) => settings.keys))).toBe(100_000)
    expect(Math.max(...planSuite('l1', false).map(({ settings }) => settings.keys))).toBe(1_000_000)
  })
})

const peersOfHit = [
  'bentocache',
  'bentocache, serialize: false',
  'cache-manager',
  'cacheable',
  'layered-loader',
  'lru-cache fetch',
]
const structures = ['cacheable memory', 'lru-cache', 'lru-cache, ttl']

describe('a tiny run', () => {
  test.each([
    ['hit-time', 'getOrLoad hit', 'ns', peersOfHit],
    ['hit-bytes', 'bytes per hit', 'B', peersOfHit],
    ['l1-structures', 'hit, 256 keys, Zipf', 'ns', structures],
    ['l1-structures', 'new key with eviction, 256 keys', 'ns', structures],
    ['l1-reads', 'getOrLoad hit, 256 keys, uniform', 'ns', ['layered-loader', 'lru-cache fetch']],
    ['l1-bytes', 'bytes per entry, 256 keys', 'B', structures],
  ] as const)(
    'of %s has the row %s',
    async (group, name, unit, peers) => {
      const plan = [...planSuite('hit', true), ...planSuite('l1', true)].find(
        (each) => each.group === group,
      )
      if (plan === undefined) throw new Error(`No plan has ${group}.`)
      const settings = { keys: 256, rounds: 2, passMs: 1 }
      const rows = (await runGroup({ ...plan, settings })).map((each) => benchRow(each).row)
      const row = rows.find((each) => each.case === name)
      expect(row).toMatchObject({ unit, better: 'lower', ours: expect.any(Number) })
      expect(Object.keys(row?.peers ?? {}).toSorted()).toEqual(peers)
      expect(Object.keys(row ?? {}).toSorted()).toEqual([
        'better',
        'case',
        'limit',
        'ours',
        'peers',
        'ratioToBestPeer',
        'ratioToLimit',
        'suite',
        'unit',
      ])
    },
    60_000,
  )

  test('puts the samples of several processes together', async () => {
    const [plan] = planSuite('l1', true).filter(({ group }) => group === 'l1-bytes')
    if (plan === undefined) throw new Error('No plan has l1-bytes.')
    const settings = { keys: 256, rounds: 2, passMs: 1 }
    const [measurement] = await runGroup({ ...plan, processes: 2, settings })
    expect(measurement?.series.map(({ samples }) => samples.length)).toEqual([4, 4, 4, 4, 4])
  }, 60_000)
})

test('the setting names machine, Node and the version of every peer', () => {
  const { machine, node, versions, command } = benchSetting(['hit', '--quick'])
  expect(machine).toMatch(/\d+ cores/)
  expect(node).toBe(process.versions.node)
  expect(Object.values(versions).join(' ')).not.toContain('unknown')
  expect(versions['lru-cache']).toMatch(/^11\./)
  expect(command).toBe('npm run bench -- hit --quick')
})
