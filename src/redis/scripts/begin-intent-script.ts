/**
 * A write to the source begins: an intent takes the entry's place and the key's lease.
 *
 * Begun again in the same epoch, a write goes on under its first number; another process may have
 * revoked its lease meanwhile, and it is not taken back. In another epoch it begins anew.
 */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readReply } from './read-reply.ts'

export interface BeginIntentNames {
  readonly keys: ShardKey
  readonly args: ShardArg
  readonly itemKeys: 'entry' | 'lease' | 'queue'
  readonly itemArgs: 'id' | 'bucket' | 'token' | 'deadlineMs' | 'tags'
}

/** Answers the number that each write began under; 0: one that waits for the source stands there. */
export const beginIntentScript: StepScript<BeginIntentNames, readonly number[]> = defineStep<
  BeginIntentNames,
  readonly number[]
>({
  name: 'begin-intent',
  item: {
    keys: ['entry', 'lease', 'queue'],
    args: ['id', 'bucket', 'token', 'deadlineMs', 'tags'],
  },
  whenFull: 'refused',
  order: 'epoch',
  parts: ['entries', 'tags', 'leases', 'intents'],
  body: `
    local MAX_TOKENS = 1000
    local function again(item, tokens, one)
      one.deadline, one.tags = now + tonumber(item.deadlineMs), tagsOf(item.tags)
      putIntents(item, tokens)
      local held = leaseOf(item)
      if held and held.token == item.token then
        redis.call('PEXPIRE', item.lease, item.deadlineMs)
      end
      return one.number
    end
    local function begin(item)
      local entry = load(item)
      if entry and entry.kind == DIRTY then
        -- It is to be in the source before another way of writing goes past it.
        redis.call('ZADD', item.queue, 'XX', 'LT', now, item.id)
        return 0
      end
      local tokens = entry and entry.kind == INTENT and entry.tokens or {}
      for i, one in ipairs(tokens) do
        if one.token == item.token then
          if one.epoch == epoch then return again(item, tokens, one) end
          table.remove(tokens, i)
          break
        end
      end
      if #tokens >= MAX_TOKENS then error('TIERCEL writers') end
      local at = number()
      tokens[#tokens + 1] = {
        deadline = now + tonumber(item.deadlineMs), number = at, epoch = epoch,
        token = item.token, tags = tagsOf(item.tags),
      }
      putIntents(item, tokens)
      endLease(item)
      putLease(item, item.token, at, item.deadlineMs)
      changed(item, at, 'delete')
      return at
    end
    local answers = {}
    for i, item in ipairs(items) do answers[i] = begin(item) end
    return answers`,
  read: (answer) => readReply.list(answer).map(readReply.number),
})
