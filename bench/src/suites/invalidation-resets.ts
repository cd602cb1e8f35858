/**
 * `invalidation --resets`: a stream of invalidations over resets of the receivers' connections. After
 * each, nobody may serve a key older than its last invalidation.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import type { Measurement } from '../measure/contestant.ts'
import { type TurnTaker, takeTurns } from '../measure/take-turns.ts'
import { hostNow } from '../processes/host-clock.ts'
import { passKeys, receiverConnectionName } from '../processes/receiver-question.ts'
import { Receivers } from '../processes/receivers.ts'
import { Truth } from '../processes/truth.ts'
import { untilHostTime } from '../processes/until-host-time.ts'
import { startRedis } from '../servers/start-redis.ts'
import { copyingEntrants, openCopyingSubjects } from '../subjects/redis/copying-subjects.ts'
import type { CopyingSubject } from '../subjects/redis/redis-subject.ts'
import type { MeasureSettings } from './measure-settings.ts'

const perSecond = 40_000
/** Keys of one call. */
const bulk = 100
const callsAtOnce = 50
/** How long a lost message may go unnoticed: the bound that we promise at the defaults. */
const settleMs = 1000

/** How the case begins that fails the run where it is not 0. */
export const staleKeys = 'stale keys after'

/** `rounds` resets, evenly over `passMs`, of `keys` keys. */
export async function invalidationResets(settings: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const { port } = open.use(await startRedis())
  const entries = settings.keys * 2
  const receivers = open.use(await Receivers.start(port, entries))
  const senders = await openCopyingSubjects({ port, entries }, open)
  const truth = new Truth(port)
  open.defer(() => truth.close())
  const control = new Redis({ port, connectionName: 'bench-control' })
  open.defer(() => control.disconnect())
  const takers = Array.from(
    senders,
    ([name, sender]): TurnTaker => ({
      name,
      role: copyingEntrants[name]?.role ?? 'peer',
      turn: () => stretches({ name, sender, receivers, truth, control, settings }),
    }),
  )
  const [stale = [], rate = []] = await takeTurns(takers, { rounds: 1, warmUps: 0, cases: 2 })
  const after = `${settings.rounds} resets`
  return [
    {
      suite: 'invalidation',
      case: `${staleKeys} ${after}`,
      unit: 'keys',
      better: 'lower',
      series: stale,
    },
    {
      suite: 'invalidation',
      case: `rate over ${after}`,
      unit: '1/s',
      better: 'higher',
      series: rate,
    },
  ]
}

interface Run {
  readonly name: string
  readonly sender: CopyingSubject
  readonly receivers: Receivers
  readonly truth: Truth
  readonly control: Redis
  readonly settings: MeasureSettings
}

/** The stale keys that the checks have found together, and the rate that was kept between them. */
async function stretches(run: Run): Promise<readonly number[]> {
  const { name, receivers, truth, control } = run
  const { keys: count, rounds, passMs } = run.settings
  const what = { subject: name, prefix: `resets:${name}`, count }
  const keys = passKeys(what)
  for (let from = 0; from < count; from += bulk) await truth.write(keys.slice(from, from + bulk), 0)
  await receivers.serve(what)
  let stale = 0
  let sent = 0
  let tookMs = 0
  for (let stretch = 0; stretch < rounds; stretch += 1) {
    const startedAt = hostNow()
    const halfMs = passMs / rounds / 2
    sent += await invalidateFor(halfMs, { ...run, keys, from: sent })
    await resetReceivers(control)
    sent += await invalidateFor(halfMs, { ...run, keys, from: sent })
    tookMs += hostNow() - startedAt
    await pause(settleMs)
    stale += await receivers.countStale()
  }
  await receivers.rest()
  return [stale, (sent / tookMs) * 1000]
}

/** Writes the source and invalidates, round the keys; answers how many keys of how many calls. */
async function invalidateFor(
  forMs: number,
  { sender, truth, keys, from }: Run & { readonly keys: readonly string[]; readonly from: number },
): Promise<number> {
  const open = new Set<Promise<void>>()
  const start = hostNow()
  let sent = 0
  while (hostNow() - start < forMs) {
    await untilHostTime(start + (sent * 1000) / perSecond)
    while (open.size >= callsAtOnce) await Promise.race(open)
    const at = (from + sent) % keys.length
    const some = keys.slice(at, at + bulk)
    const call = truth
      .write(some, from + sent + 1)
      .then(() => sender.invalidate(some))
      .finally(() => open.delete(call))
    open.add(call)
    sent += bulk
  }
  await Promise.all(open)
  return sent
}

async function resetReceivers(control: Redis): Promise<void> {
  const clients = String(await control.client('LIST')).split('\n')
  const ids = clients
    .filter((line) => line.includes(` name=${receiverConnectionName} `))
    .map((line) => /^id=(\d+)/.exec(line)?.[1] ?? '')
  if (ids.length === 0) throw new Error('Expected connections of the receivers to reset.')
  await Promise.all(ids.map((id) => control.client('KILL', 'ID', id)))
}
