/** A short share of `npm run faults`, on one server and on a cluster, and a wrong setting that its judge must find. */

import { describe, expect, test } from 'vitest'
import { askedOfServers } from '../servers/asked-of-servers.ts'
import type { RunFault } from './arena.ts'
import { clusterFaults, openClusterSite } from './cluster-site.ts'
import { cutOff } from './cut-off.ts'
import { playRound } from './play-round.ts'
import { serverFaults } from './server-faults.ts'
import { openSingleSite, type SingleSite } from './single-site.ts'
import { newTally, type Tally } from './tally.ts'
import { wayFaults } from './way-faults.ts'
import { type ArenaPlan, withArena } from './with-arena.ts'

const all: ReadonlyMap<string, RunFault<SingleSite>> = new Map([...wayFaults, ...serverFaults])

type Named = readonly [string, RunFault<SingleSite>]

function named(kind: string): Named {
  return [kind, runOf(all, kind)]
}

function runOf<R>(faults: ReadonlyMap<string, R>, kind: string): R {
  const run = faults.get(kind)
  if (run === undefined) throw new Error(`There is no fault ${kind}.`)
  return run
}

async function play(
  plan: Pick<ArenaPlan, 'clients' | 'planted'>,
  faults: readonly Named[],
): Promise<Tally> {
  const tally = newTally()
  await withArena(openSingleSite, { seed: 1, longestMs: 2000, tally, ...plan }, async (arena) => {
    for (const [kind, run] of faults) {
      await playRound(arena, { kind, run, calmMs: 500, afterMs: 1200 })
    }
  })
  return tally
}

/** Nothing stale, nothing late, all agree in the end, and the source answers for a tier that does not. */
function expectCoherent(tally: Tally): void {
  const said = [...tally.findings, ...tally.troubles].join('\n')
  expect(tally, said).toMatchObject({ staleReads: 0, overBudgetReads: 0, notConverged: 0 })
  expect(tally.troubles).toEqual([])
  expect(tally.answered / tally.reads, said).toBeGreaterThan(0.999)
}

describe('processes on real servers', () => {
  test('a pair of each client stays coherent while the server and the ways to it fail', async () => {
    const tally = await play(
      { clients: ['ioredis 5', 'node-redis 6', 'ioredis 5', 'node-redis 6'] },
      [
        'SIGSTOP of the server',
        'kill -9 of the server',
        'reset',
        'black hole',
        'FLUSHALL',
        'full server',
      ].map(named),
    )
    expectCoherent(tally)
    expect(tally.faults.size).toBe(6)
    expect(tally.hits.calm.hits).toBeGreaterThan(tally.hits.calm.reads / 2)
  }, 60_000)

  test('a pair of each client stays coherent while a master of a cluster is killed and replaced', async () => {
    const tally = newTally()
    const kind = 'cluster failover, master killed'
    const clients = ['ioredis 5', 'node-redis 6', 'ioredis 5', 'node-redis 6'] as const
    const plan = { clients, seed: 1, longestMs: 2000, tally }
    await withArena(openClusterSite, plan, async (arena) => {
      const run = runOf(clusterFaults, kind)
      await playRound(arena, { kind, run, calmMs: 500, afterMs: 1500 })
      const { masters, replicas } = arena.site.cluster
      const { commands, errors } = await askedOfServers([...masters, ...replicas])
      expect(commands.get('evalsha')).toBeGreaterThan(100)
      expect(commands.has('keys')).toBe(false)
      expect(errors.has('CROSSSLOT')).toBe(false)
    })
    expectCoherent(tally)
    expect(tally.writes).toBeGreaterThan(20)
    expect(tally.faults.get(kind)).toBe(1)
  }, 60_000)

  test('the judge sees a cache that does not ask for the changes it has missed', async () => {
    const tally = await play({ clients: ['ioredis 5', 'node-redis 6'], planted: 'deaf' }, [
      // So long that many writes are missed beyond the bound of 5 s: what is read of them is chance.
      ['cut off', cutOff(0, 12_000)],
    ])
    expect(tally.staleReads).toBeGreaterThan(0)
    // Which of them is found first is a matter of moments: what was missed stays missed.
    // Plain reads, and those of many keys, do not tell where their answer comes from.
    expect(tally.findings.join('\n')).toMatch(/while (cut off|connected), from (memory|unknown)/)
  }, 60_000)
})
