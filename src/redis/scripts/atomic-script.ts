/** Reads, sets, deletes and touches of one shard as one step: all of them or none. */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readReply } from './read-reply.ts'

export interface AtomicNames {
  readonly keys: ShardKey
  readonly args: ShardArg
  readonly itemKeys: 'entry' | 'lease'
  readonly itemArgs: 'op' | 'id' | 'bucket' | 'tags' | 'envelope'
  readonly itemNumbers: 'ttl' | 'grace'
}

export interface AtomicReply {
  /** Deletes: there was an entry. Touches: it has a new life. */
  readonly flag: boolean
  /** Of reads; `expired` as in a claim. */
  readonly bytes: Uint8Array | undefined
  readonly expired: boolean
}

/** `undefined`: one of the keys to be set is being written, and nothing was done. */
export const atomicScript: StepScript<AtomicNames, readonly AtomicReply[] | undefined> = defineStep<
  AtomicNames,
  readonly AtomicReply[] | undefined
>({
  name: 'atomic',
  item: {
    keys: ['entry', 'lease'],
    args: ['op', 'id', 'bucket', 'tags', 'envelope'],
    numbers: ['ttl', 'grace'],
  },
  whenFull: 'refused',
  order: 'epoch',
  parts: ['entries', 'tags', 'leases', 'intents', 'glob', 'judge'],
  body: `
    local answers, ops = {}, {}
    for i, item in ipairs(items) do
      local entry = load(item)
      if item.op == 'set' and isKept(entry) then return 0 end
      local verdict = item.op == 'read' and judge(item, entry)
      answers[i] = { 0, verdict and entry.bytes or '', verdict == 'expired' and 1 or 0 }
    end
    function ops.set(item)
      local at = raise(1)
      putValue(item, at)
      endLease(item)
      changed(item, at, 'delete')
      return 1
    end
    function ops.delete(item)
      local entry, at = load(item), raise(1)
      local found = judge(item, entry) ~= nil
      if entry and entry.kind == DIRTY then mark(item, entry)
      elseif entry and entry.kind ~= INTENT then redis.call('UNLINK', item.entry) end
      endLease(item)
      changed(item, at, 'delete')
      return found and 1 or 0
    end
    function ops.touch(item)
      local entry = load(item)
      if judge(item, entry) ~= 'stands' or entry.kind == DIRTY then return 0 end
      renew(item, entry, entry.stamp)
      return 1
    end
    for i, item in ipairs(items) do
      if item.op ~= 'read' then answers[i][1] = ops[item.op](item) end
    end
    return answers`,
  read: (answer) => (Array.isArray(answer) ? answer.map(readAtomic) : undefined),
})

function readAtomic(answer: RedisReply): AtomicReply {
  const [flag, bytes, expired] = readReply.list(answer)
  const entry = readReply.bytes(bytes)
  return {
    flag: readReply.number(flag) === 1,
    bytes: entry.length === 0 ? undefined : entry,
    expired: readReply.number(expired) === 1,
  }
}
