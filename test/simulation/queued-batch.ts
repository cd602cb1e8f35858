/**
 * How the simulated database carries out a batch of writes that waited: whole, in part, not at all, late,
 * twice; and what it answers, which need not be what happened.
 */

import type { StoreOutcome, StoreWrite } from '../../src/contracts/source.ts'
import type { SeededRandom } from '../../src/testing/seeded-random.ts'
import type { Database } from './database.ts'
import { shortDelay } from './delay.ts'
import type { QueuedWrite, QueueJudge } from './queue-judge.ts'
import type { Trace } from './trace.ts'
import type { VirtualTime } from './virtual-time.ts'

export type QueuedBatch = readonly {
  readonly write: StoreWrite<string, number>
  readonly queued: QueuedWrite
}[]

/** Some values are refused: for good, or as long as the database is not well. */
export type Poison = 'none' | 'some'

export interface QueuedBatchParts {
  readonly time: VirtualTime
  readonly random: SeededRandom
  readonly trace: Trace
  readonly database: Database
  readonly queueJudge: QueueJudge
  readonly poison: Poison
  readonly batch: QueuedBatch
  readonly by: string
  /** Brings the answer to who has asked, if he lives. */
  readonly answer: (how: () => void) => void
}

/** One in so many values is poison. */
const POISON_EVERY = 19
/** A batch that was given up may still come so much later. */
const LATEST_MS = 8_000

/** What happens to a batch, by share. */
const MISHAPS = [
  ['refused', 0.05],
  ['torn', 0.05],
  ['hidden', 0.04],
  ['in part', 0.06],
  ['never answered', 0.03],
  ['late', 0.04],
  ['twice', 0.06],
  ['slow', 0.1],
] as const
type Mishap = (typeof MISHAPS)[number][0] | 'none'

export function applyQueued(parts: QueuedBatchParts): Promise<readonly StoreOutcome[]> {
  const { time, random, database } = parts
  const mishap = database.isCalm ? 'none' : drawMishap(random)
  const { promise, resolve, reject } = Promise.withResolvers<readonly StoreOutcome[]>()
  time.after(2 * shortDelay(random) + delayOf(mishap, random), () => {
    const outcomes = carryOut(parts, mishap)
    if (mishap === 'twice') {
      time.after(random.next() * LATEST_MS, () => void carryOut(parts, 'none'))
    }
    if (mishap === 'never answered') return
    parts.answer(() => {
      if (outcomes === undefined || mishap === 'hidden') reject(new Error('The database failed.'))
      else resolve(outcomes)
    })
  })
  return promise
}

function drawMishap(random: SeededRandom): Mishap {
  let chance = random.next()
  for (const [mishap, share] of MISHAPS) {
    if (chance < share) return mishap
    chance -= share
  }
  return 'none'
}

function delayOf(mishap: Mishap, random: SeededRandom): number {
  if (mishap === 'slow') return random.next() * 900
  return mishap === 'late' ? 500 + random.next() * LATEST_MS : 0
}

/** `undefined`: it throws, whatever it has done. */
function carryOut(parts: QueuedBatchParts, mishap: Mishap): readonly StoreOutcome[] | undefined {
  const { batch, random, trace, by } = parts
  const ends = mishap === 'torn' ? random.below(batch.length + 1) : batch.length
  if (mishap !== 'none') trace.say(() => `the database: ${mishap}, for ${by}`)
  const thrown =
    mishap === 'refused' || batch.some(({ queued }) => poisonOf(parts, queued) === 'thrown')
  if (thrown || mishap === 'torn') noteRefused(parts, batch)
  if (thrown) return undefined
  const outcomes = batch.slice(0, ends).map((one) => carryOutOne(parts, one, mishap))
  return mishap === 'torn' ? undefined : outcomes
}

function carryOutOne(
  parts: QueuedBatchParts,
  { write, queued }: QueuedBatch[number],
  mishap: Mishap,
): StoreOutcome {
  const { database, queueJudge, random, by } = parts
  if (poisonOf(parts, queued) === 'refused') {
    queueJudge.refused(queued.version, true)
    return { kind: 'failed', error: new Error('no such column'), retry: 'permanent' }
  }
  if (mishap === 'in part' && random.next() < 0.4) {
    queueJudge.refused(queued.version, false)
    return { kind: 'failed', error: new Error('a deadlock'), retry: 'transient' }
  }
  const outcome = database.carryOut(write, { version: queued.version, by, isBehind: true })
  if (outcome.kind === 'superseded') queueJudge.superseded()
  return outcome
}

function noteRefused({ queueJudge }: QueuedBatchParts, batch: QueuedBatch): void {
  for (const { queued } of batch) queueJudge.refused(queued.version, false)
}

function poisonOf(
  { poison, database }: Pick<QueuedBatchParts, 'poison' | 'database'>,
  { version, kind }: QueuedWrite,
): 'refused' | 'thrown' | undefined {
  if (poison === 'none' || kind === 'no row' || version % POISON_EVERY !== 0) return undefined
  if (version % 2 === 0) return 'refused'
  return database.isCalm ? undefined : 'thrown'
}
