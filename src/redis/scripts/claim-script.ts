/** The step before a load: the entry after all, the lease, or the word to wait. */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readReply } from './read-reply.ts'

export interface ClaimNames {
  readonly keys: ShardKey
  readonly args: ShardArg | 'leaseMs'
  readonly itemKeys: 'entry' | 'lease'
  readonly itemArgs: 'id' | 'bucket' | 'token'
  /** Milliseconds of its life that an entry must have left. */
  readonly itemNumbers: 'left'
}

export interface ClaimReply {
  readonly kind: 'fresh' | 'granted' | 'wait' | 'writing'
  readonly grant: number
  readonly remainingMs: number
  /** As it is stored; `undefined`: nothing that may be served. */
  readonly bytes: Uint8Array | undefined
  /** Its fresh life is over, whatever its times say. */
  readonly expired: boolean
}

const KINDS = ['fresh', 'granted', 'wait', 'writing'] as const

export const claimScript: StepScript<ClaimNames, readonly ClaimReply[]> = defineStep<
  ClaimNames,
  readonly ClaimReply[]
>({
  name: 'claim',
  args: ['leaseMs'],
  item: { keys: ['entry', 'lease'], args: ['id', 'bucket', 'token'], numbers: ['left'] },
  // Its first command is a write, which an old master that has lost its replicas refuses: what it would
  // answer may have been replaced long ago. A full server grants leases all the same; they are small.
  whenFull: 'runs',
  order: 'none',
  parts: ['entries', 'tags', 'leases', 'intents', 'glob', 'judge'],
  body: `
    local function claim(item)
      local entry = load(item)
      if entry and entry.kind == INTENT then return { 3, 0, 0, '', 0 } end
      local verdict = judge(item, entry)
      local bytes, over = verdict and entry.bytes or '', verdict == 'expired' and 1 or 0
      -- No load is newer than a write that the source does not have yet.
      if verdict == 'stands' and (entry.kind == DIRTY or entry.freshUntil - now > item.left) then
        return { 0, 0, 0, bytes, 0 }
      end
      local held = leaseOf(item)
      if held and held.token ~= item.token then
        if not held.awaited then awaitLease(item) end
        return { 2, held.grant, redis.call('PTTL', item.lease), bytes, over }
      end
      if not held then
        putLease(item, item.token, seq, leaseMs)
        releaseOverdue(item)
        held = { grant = seq }
      end
      return { 1, held.grant, 0, bytes, over }
    end
    local answers = {}
    for i, item in ipairs(items) do answers[i] = claim(item) end
    return answers`,
  read: (answer) => readReply.list(answer).map(readClaim),
})

function readClaim(answer: RedisReply): ClaimReply {
  const [kind, grant, remainingMs, bytes, expired] = readReply.list(answer)
  const word = KINDS[readReply.number(kind)]
  if (word === undefined) throw new TypeError('A claim was answered in a way of its own.')
  const entry = readReply.bytes(bytes)
  return {
    kind: word,
    grant: readReply.number(grant),
    remainingMs: Math.max(0, readReply.number(remainingMs)),
    bytes: entry.length === 0 ? undefined : entry,
    expired: readReply.number(expired) === 1,
  }
}
