/** `invalidation`: the highest rate at which copies in other processes still disappear in time. */

import type { Measurement } from '../measure/contestant.ts'
import { quantile } from '../measure/quantile.ts'
import { type TurnTaker, takeTurns } from '../measure/take-turns.ts'
import { hostNow } from '../processes/host-clock.ts'
import { passKeys } from '../processes/receiver-question.ts'
import { Receivers } from '../processes/receivers.ts'
import { untilHostTime } from '../processes/until-host-time.ts'
import { startRedis } from '../servers/start-redis.ts'
import { item } from '../subjects/item.ts'
import { copyingEntrants, openCopyingSubjects } from '../subjects/redis/copying-subjects.ts'
import type { CopyingSubject } from '../subjects/redis/redis-subject.ts'
import type { MeasureSettings } from './measure-settings.ts'

/** Keys a second, climbed from `first`, or descended from it. Above the last nobody is asked. */
const ladder = [1000, 2000, 5000, 10_000, 20_000, 40_000]
const first = ladder.indexOf(10_000)
/** Keys of one call, as a program that changes many records would delete them. */
const bulk = 100
/** Of the delays from the moment that a call was due. */
const p99MaxMs = 50
/** The machine may be busy with something else for a moment; one try of these that is kept counts. */
const tries = 3
/** A sender that takes longer for its calls by this share has not kept the rate. */
const lateShare = 0.1
/** Calls without an answer; beyond it the sender waits, and falls behind. */
const callsAtOnce = 200

export async function invalidationRate({
  keys: entries,
  rounds,
  passMs,
}: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const { port } = open.use(await startRedis())
  const receivers = open.use(await Receivers.start(port, entries))
  const senders = await openCopyingSubjects({ port, entries }, open)
  const takers = Array.from(
    senders,
    ([name, sender]): TurnTaker => ({
      name,
      role: copyingEntrants[name]?.role ?? 'peer',
      turn: async (round) => {
        const held = async (rate: number): Promise<boolean> => {
          const count = Math.max(bulk, Math.round((rate * passMs) / 1000 / bulk) * bulk)
          for (let attempt = 0; attempt < tries; attempt += 1) {
            const prefix = `rate:${name}:${round}:${rate}:${attempt}`
            if (await holds({ sender, receivers, name, prefix, count, rate })) return true
          }
          return false
        }
        return [await highest(held)]
      },
    }),
  )
  const [series = []] = await takeTurns(takers, { rounds, warmUps: 0, cases: 1 })
  return [{ suite: 'invalidation', case: 'sustained rate', unit: '1/s', better: 'higher', series }]
}

/** The last rate of the ladder that is held; 0 if the lowest is not. */
async function highest(held: (rate: number) => Promise<boolean>): Promise<number> {
  let best = -1
  for (let rung = first; rung < ladder.length; rung += 1) {
    if (!(await held(ladder[rung] ?? 0))) break
    best = rung
  }
  for (let rung = first - 1; best < 0 && rung >= 0; rung -= 1) {
    if (await held(ladder[rung] ?? 0)) best = rung
  }
  return ladder[best] ?? 0
}

interface Attempt {
  readonly sender: CopyingSubject
  readonly receivers: Receivers
  readonly name: string
  readonly prefix: string
  readonly count: number
  readonly rate: number
}

async function holds({ sender, receivers, name, prefix, count, rate }: Attempt): Promise<boolean> {
  const what = { subject: name, prefix, count, every: bulk }
  const keys = passKeys(what)
  for (let from = 0; from < count; from += 1000) {
    const some = keys.slice(from, from + 1000)
    await sender.setMany(new Map(some.map((key, at) => [key, item(from + at)])))
  }
  await receivers.watch(what)
  const { startsAt, tookMs } = await sendAll(sender, keys, rate)
  const delays = await receivers.delays(what, startsAt)
  const nominalMs = (count / rate) * 1000
  return quantile(delays, 0.99) < p99MaxMs && tookMs < nominalMs * (1 + lateShare) + p99MaxMs
}

/** Every call at its time, or as soon after it as the sender gets to it. */
async function sendAll(
  sender: CopyingSubject,
  keys: readonly string[],
  rate: number,
): Promise<{ readonly startsAt: readonly number[]; readonly tookMs: number }> {
  const startsAt: number[] = []
  const open = new Set<Promise<void>>()
  const start = hostNow()
  for (let from = 0; from < keys.length; from += bulk) {
    const due = start + (from * 1000) / rate
    await untilHostTime(due)
    while (open.size >= callsAtOnce) await Promise.race(open)
    // A timer may also be early, by less than a millisecond.
    const startedAt = Math.min(due, hostNow())
    for (let key = 0; key < bulk; key += 1) startsAt.push(startedAt)
    const call = sender.invalidate(keys.slice(from, from + bulk)).finally(() => open.delete(call))
    open.add(call)
  }
  await Promise.all(open)
  return { startsAt, tookMs: hostNow() - start }
}
