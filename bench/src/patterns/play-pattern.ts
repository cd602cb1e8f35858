/**
 * Plays one workload through one way to cache, in virtual time: two instances, a source that takes 20 ms
 * and a shared tier that takes 1 ms. Nothing depends on the machine, so a run can be had again.
 *
 * Called by `patterns.ts` and by a test that compares the page with what is counted.
 */

import { FakeClock, SeededRandom } from 'tiercel/testing'
import { quantile } from '../measure/quantile.ts'
import { zipfRanks } from '../traces/zipf-ranks.ts'
import { countedTiers } from './counted-tier.ts'
import type { PatternCase, PatternSubject } from './pattern-cases.ts'
import { StaleJudge } from './stale-judge.ts'
import { VirtualSource } from './virtual-source.ts'

export interface PatternRun {
  readonly name: string
  /** Queries of the source for each 1,000 reads and writes. */
  readonly sourceReads: number
  readonly sourceWrites: number
  /** Calls of the shared tier for each 1,000 reads and writes, beats left out. */
  readonly sharedCalls: number
  /** Share of the reads that took as long as a query of the source, or longer. */
  readonly waited: number
  readonly readMeanMs: number
  /** Until a writer is told that it is done. */
  readonly writeP50Ms: number
  /** Reads that began after a write was acknowledged, and answered what it had replaced. */
  readonly staleReads: number
  /** How long after that acknowledgement, at most. */
  readonly stalestMs: number
}

export const WORKLOAD = {
  seed: 7,
  keys: 100,
  skew: 0.99,
  reads: 8_000,
  readsToWrites: 20,
  perSecond: 500,
  instances: 2,
} as const

/** What goes on whether or not anybody reads or writes: messages, beats, and figures for the fleet. */
const UPKEEP = ['signal', 'follow', 'usage', 'set']

/** The quickest query there is. */
const SOURCE_MS_MIN = 10

export async function playPattern({ name, open }: PatternCase): Promise<PatternRun> {
  const clock = new FakeClock()
  const random = new SeededRandom(WORKLOAD.seed)
  const source = new VirtualSource(clock, new SeededRandom(WORKLOAD.seed + 1))
  const tiers = countedTiers(clock, WORKLOAD.instances)
  const subjects = tiers.map(({ tier }, at) =>
    open({ source, clock, random: new SeededRandom(at), tier, instance: `i${at}` }),
  )
  const judge = new StaleJudge()
  const reads: number[] = []
  const writes: number[] = []

  const read = async (subject: PatternSubject, key: number): Promise<void> => {
    const began = clock.monotonic()
    const expected = judge.expected(key)
    const row = await subject.read(key)
    judge.judge({ key, began, expected, row })
    reads.push(clock.monotonic() - began)
  }
  const write = async (subject: PatternSubject, key: number): Promise<void> => {
    const began = clock.monotonic()
    await judge.write(
      key,
      (row) => subject.write(key, row),
      () => clock.monotonic(),
    )
    writes.push(clock.monotonic() - began)
  }

  const rank = zipfRanks(WORKLOAD.keys, WORKLOAD.skew, () => random.next())
  const under: Promise<void>[] = []
  const operations = WORKLOAD.reads * (1 + 1 / WORKLOAD.readsToWrites)
  for (let at = 0; at < operations; at += 1) {
    // Poisson: some come together.
    await clock.advance((-Math.log(1 - random.next()) * 1_000) / WORKLOAD.perSecond)
    const subject = random.pick(subjects)
    const isWrite = random.next() < 1 / (WORKLOAD.readsToWrites + 1)
    under.push(isWrite ? write(subject, rank()) : read(subject, rank()))
  }
  await clock.advance(5_000)
  await Promise.all(under)
  const counts = {
    reads: source.reads,
    writes: source.writes,
    calls: tiers.map(({ calls }) => sumOf(calls())).reduce((sum, calls) => sum + calls, 0),
  }
  const closing = Promise.all(subjects.map((subject) => subject.close()))
  await clock.advance(10_000)
  await closing

  const each = (count: number): number => (count * 1_000) / (reads.length + writes.length)
  return {
    name,
    sourceReads: each(counts.reads),
    sourceWrites: each(counts.writes),
    sharedCalls: each(counts.calls),
    waited: reads.filter((ms) => ms >= SOURCE_MS_MIN).length / reads.length,
    readMeanMs: reads.reduce((sum, ms) => sum + ms, 0) / reads.length,
    writeP50Ms: quantile(writes.sort(ascending), 0.5),
    staleReads: judge.stale,
    stalestMs: judge.stalestMs,
  }
}

function sumOf(calls: ReadonlyMap<string, number>): number {
  return [...calls]
    .filter(([operation]) => !UPKEEP.includes(operation))
    .reduce((sum, [, count]) => sum + count, 0)
}

function ascending(one: number, other: number): number {
  return one - other
}
