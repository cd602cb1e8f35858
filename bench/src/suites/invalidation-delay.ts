/** `invalidation`: how long a copy in another process outlives its invalidation, at a modest rate. */

import { setTimeout as pause } from 'node:timers/promises'
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

const perSecond = 300
/** What was written and fetched before a pass is behind everybody. */
const quietMs = 100

export async function invalidationDelay({
  keys: entries,
  rounds,
  passMs,
}: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const { port } = open.use(await startRedis())
  const receivers = open.use(await Receivers.start(port, entries))
  const senders = await openCopyingSubjects({ port, entries }, open)
  const count = Math.round((perSecond * passMs) / 1000)
  const takers = Array.from(
    senders,
    ([name, sender]): TurnTaker => ({
      name,
      role: copyingEntrants[name]?.role ?? 'peer',
      turn: async (round) => {
        const prefix = `delay:${name}:${round}`
        const delays = await pass({ sender, receivers, name, prefix, count })
        return [quantile(delays, 0.5), quantile(delays, 0.99)]
      },
    }),
  )
  const [p50 = [], p99 = []] = await takeTurns(takers, { rounds, warmUps: 1, cases: 2 })
  const shared = { suite: 'invalidation', unit: 'ms', better: 'lower' } as const
  return [
    { ...shared, case: 'delay p50', series: p50 },
    { ...shared, case: 'delay p99', series: p99 },
  ]
}

interface Pass {
  readonly sender: CopyingSubject
  readonly receivers: Receivers
  readonly name: string
  readonly prefix: string
  readonly count: number
}

/** One key after the other, evenly; the delays in ascending order, counted from each call. */
async function pass({ sender, receivers, name, prefix, count }: Pass): Promise<readonly number[]> {
  const what = { subject: name, prefix, count, every: 1 }
  const keys = passKeys(what)
  await sender.setMany(new Map(keys.map((key, id) => [key, item(id)])))
  await receivers.watch(what)
  await pause(quietMs)
  const startedAt: number[] = []
  const sent: Promise<void>[] = []
  const start = hostNow()
  for (const [at, key] of keys.entries()) {
    await untilHostTime(start + (at * 1000) / perSecond)
    startedAt.push(hostNow())
    sent.push(sender.invalidate([key]))
  }
  await Promise.all(sent)
  return await receivers.delays(what, startedAt)
}
