/** Carries out one call of `SqliteLink` on an open file. Called by `TierEngine`, in a transaction. */

import type { SharedReading } from '../contracts/shared-tier.ts'
import { answerIdle } from './answer-idle.ts'
import type { LockCall, TierCall } from './tier-call.ts'
import type { TierFile } from './tier-file.ts'

/** Rows that a pattern is held against in one call, which keeps it under 5 ms. */
const PATTERN_SLICE = 250

export function answerCall(file: TierFile, call: TierCall): unknown {
  const { shard, rows } = file
  switch (call.step) {
    case 'read':
      return shard.read(call.keys).map(slim)
    case 'claim':
      return shard.claim(call.requests, call.leaseMs)
    case 'fill':
      return shard.fill(call.values)
    case 'renewLeases':
      return shard.renewLeases(call.requests, call.leaseMs)
    case 'release':
      return shard.release(call.requests)
    case 'set':
      return shard.set(call.sender, call.values)
    case 'touch':
      return shard.touch(call.sender, call.requests)
    case 'invalidate':
      return shard.invalidate(call.sender, call.what)
    case 'atomic':
      return shard.atomic(call.sender, call.operations)
    case 'sweepPattern':
      return shard.sweepPattern(call.number, PATTERN_SLICE)
    case 'beginIntent':
      return shard.beginIntent(call.sender, call.requests)
    case 'endIntent':
      return shard.endIntent(call.sender, call.requests)
    case 'follow':
      return shard.follow(call.follower, call.request)
    case 'leave':
      return shard.leave(call.session)
    case 'standings':
      return shard.standings()
    case 'scan':
      return shard.scan(call.collection, call.cursor, call.limit)
    case 'enqueue':
      return shard.enqueue(call.sender, call.requests)
    case 'take':
      return shard.take(call.request)
    case 'settle':
      return shard.settle(call.requests)
    case 'hasten':
      return shard.hasten(call.collection, call.id, call.upTo)
    case 'waits':
      return shard.waits(call.collection, call.upTo, call.id)
    case 'dead':
      return shard.dead(call.collection, call.page)
    case 'backlog':
      return shard.backlog(call.collection)
    case 'list':
      return shard.list(call.collection, call.page)
    case 'revive':
      return shard.revive(call.ids)
    case 'drop':
      return shard.drop(call.ids)
    case 'usage':
      return rows.usage()
    case 'noteRead':
    case 'fenceCleanUp':
    case 'sweepIdle':
    case 'cleanUp':
    case 'saveCleanUp':
      return answerIdle(file, call)
    case 'acquire':
    case 'renew':
    case 'unlock':
    case 'remaining':
      return answerLock(file, call)
    default:
      return call satisfies never
  }
}

function answerLock({ locks }: TierFile, call: LockCall): unknown {
  switch (call.step) {
    case 'acquire':
      return locks.acquire(call.request)
    case 'renew':
      return locks.renew(call.request)
    case 'unlock':
      return locks.release(call.request)
    case 'remaining':
      return locks.remaining(call.name)
    default:
      return call satisfies never
  }
}

const READS: readonly TierCall['step'][] = [
  'read',
  'scan',
  'usage',
  'standings',
  'remaining',
  'noteRead',
  'cleanUp',
  'waits',
  'backlog',
  'list',
  'dead',
]

const DURABLE: readonly TierCall['step'][] = ['enqueue', 'revive', 'drop']

/** After which somebody relies on what was written: its commit is on the disk before it is answered. */
export function isDurable(call: TierCall): boolean {
  if (call.step === 'settle') return !call.requests.every(({ isRepeatable }) => isRepeatable)
  return DURABLE.includes(call.step)
}

/** Whether it needs no lock: it writes nothing. */
export function isRead(call: TierCall): boolean {
  return call.step === 'follow' ? !call.request.beat : READS.includes(call.step)
}

/** Without what only the shard needs: each field costs on the way between threads. */
function slim(reading: SharedReading): SharedReading {
  if (reading.entry === undefined) return reading
  const { epoch, stamp, storedAt, freshUntil, graceUntil, envelope, pending } = reading.entry
  return {
    ...reading,
    entry: { epoch, stamp, storedAt, freshUntil, graceUntil, envelope, pending },
  }
}
