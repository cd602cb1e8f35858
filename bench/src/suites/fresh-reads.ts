/** `fresh`: a working set that several processes read all the time, over a slow source. */

import type { Measurement } from '../measure/contestant.ts'
import { quantile } from '../measure/quantile.ts'
import { type TurnTaker, takeTurns } from '../measure/take-turns.ts'
import { hostNow } from '../processes/host-clock.ts'
import type { ReaderAnswer, ReaderQuestion } from '../processes/reader-question.ts'
import { RemoteProcess } from '../processes/remote-process.ts'
import { startRedis } from '../servers/start-redis.ts'
import { freshEntrants } from '../subjects/fresh/fresh-entrants.ts'
import type { MeasureSettings } from './measure-settings.ts'

const processCount = 4
const ttlMs = 5_000
const loadMs = 50
const skew = 0.99
/** Of each process: the rarest of 100 keys is read ten times a life, over all of them. */
const rate = 250
/** By then the subjects are open everywhere. */
const leadMs = 1_500
/** What everybody has to load first does not count. */
const warmMs = 2 * ttlMs
const child = new URL('../processes/reader-child.ts', import.meta.url)

export async function freshReads({
  keys,
  rounds,
  passMs,
}: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const { port } = open.use(await startRedis())
  const starting = Array.from({ length: processCount }, () =>
    RemoteProcess.start(child, [`${port}`]),
  )
  const processes = (await Promise.all(starting)).map((process) => open.use(process))
  const takers = Object.entries(freshEntrants).map(
    ([subject, { role }]): TurnTaker => ({
      name: subject,
      role,
      turn: async (round) => {
        const at = hostNow() + leadMs
        const from = at + warmMs
        const answers = await Promise.all(
          processes.map((each, place) =>
            each.ask<ReaderAnswer>({
              ...{ subject, keys, skew, rate, ttlMs, loadMs, at, from, until: from + passMs },
              seed: round * processCount + place + 1,
            } satisfies ReaderQuestion),
          ),
        )
        return samplesOf(answers, from)
      },
    }),
  )
  const [share = [], loads = [], p99 = []] = await takeTurns(takers, {
    rounds,
    warmUps: 0,
    cases: 3,
  })
  const of = `${keys} keys, ${processCount} processes`
  return [
    {
      suite: 'fresh',
      case: `reads that wait for no load, ${of}`,
      unit: '%',
      better: 'higher',
      series: share,
    },
    {
      suite: 'fresh',
      case: `loads a key and life, ${of}`,
      unit: 'loads',
      better: 'lower',
      // It loads nothing.
      series: loads.map((one) =>
        one.role === 'limit' ? { ...one, samples: one.samples.map(() => 1) } : one,
      ),
    },
    { suite: 'fresh', case: `read p99, ${of}`, unit: 'ms', better: 'lower', series: p99 },
  ]
}

/** Share of reads, loads a life, p99. */
function samplesOf(answers: readonly ReaderAnswer[], from: number): readonly number[] {
  const waits = answers.flatMap(({ waitsMs }) => waitsMs).toSorted((a, b) => a - b)
  const waited = answers.reduce((sum, one) => sum + one.waited, 0)
  const loads = answers.flatMap((one) => one.loads).filter(([, at]) => at >= from)
  return [
    100 * (1 - waited / waits.length),
    loads.length / Math.max(1, livesOf(loads)),
    quantile(waits, 0.99),
  ]
}

/** A load that begins less than half a life after another one of its key has begun no life of its own. */
function livesOf(loads: readonly (readonly [key: number, at: number])[]): number {
  const began = new Map<number, number>()
  let lives = 0
  for (const [key, at] of loads.toSorted(([, a], [, b]) => a - b)) {
    if (at - (began.get(key) ?? Number.NEGATIVE_INFINITY) < ttlMs / 2) continue
    began.set(key, at)
    lives += 1
  }
  return lives
}
