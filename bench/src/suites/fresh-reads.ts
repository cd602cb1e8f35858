/** `fresh`: a working set that several processes read all the time, over a slow source. */

import type { Measurement } from '../measure/contestant.ts'
import { type TurnTaker, takeTurns } from '../measure/take-turns.ts'
import { hostNow } from '../processes/host-clock.ts'
import type { ReaderAnswer, ReaderQuestion } from '../processes/reader-question.ts'
import { RemoteProcess } from '../processes/remote-process.ts'
import { startRedis } from '../servers/start-redis.ts'
import { freshEntrants } from '../subjects/fresh/fresh-entrants.ts'
import { judgeReads } from './judge-reads.ts'
import type { MeasureSettings } from './measure-settings.ts'

const processCount = 4
const ttlMs = 5_000
const loadMs = 50
const skew = 0.9
/** Of each process. */
const rate = 250
/** By then the subjects are open everywhere. */
const leadMs = 1_500
/** What everybody has to load first does not count; no less than the life whose reads are looked at. */
const warmMs = 1.5 * ttlMs
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
    ([subject, { role, learnMs = warmMs }]): TurnTaker => ({
      name: subject,
      role,
      turn: async (round) => {
        const at = hostNow() + leadMs
        const from = at + learnMs
        const until = from + passMs
        const answers = await Promise.all(
          processes.map((each, place) =>
            each.ask<ReaderAnswer>({
              ...{ subject, keys, skew, rate, ttlMs, loadMs, at, until },
              from: from - ttlMs,
              seed: round * processCount + place + 1,
            } satisfies ReaderQuestion),
          ),
        )
        const judged = judgeReads(answers, { keys, ttlMs, from, until })
        const { withoutWait, loadsALife, loadsATtl, p99Ms } = judged
        // The limit loads nothing.
        return role === 'limit'
          ? [withoutWait, 1, 1, 1_000 * p99Ms]
          : [withoutWait, loadsALife, loadsATtl, 1_000 * p99Ms]
      },
    }),
  )
  const [waits = [], loads = [], plain = [], p99 = []] = await takeTurns(takers, {
    rounds,
    warmUps: 0,
    cases: 4,
  })
  const suite = 'fresh'
  const lower = { unit: 'loads', better: 'lower' } as const
  return [
    {
      suite,
      case: 'warm reads without waiting',
      unit: '%',
      better: 'higher',
      series: waits,
    },
    { suite, case: 'loads per key and life', ...lower, series: loads },
    { suite, case: `loads per key in ${ttlMs / 1000} s`, ...lower, series: plain },
    { suite, case: 'fresh read p99', unit: 'us', better: 'lower', series: p99 },
  ]
}
