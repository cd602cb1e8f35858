/** Hands out writes that are due: of each key the earliest that waits. A key without one leaves the queue. */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { QUEUE_KEYS, type QueueKey } from './queue-keys.ts'
import { readReply } from './read-reply.ts'

export interface FetchNames {
  readonly keys: ShardKey | QueueKey
  readonly args: ShardArg | 'maxBytes'
  readonly itemKeys: 'entry' | 'earlier'
  readonly itemArgs: 'id'
}

/** The bytes of each, empty of those that are left for the next time. */
export const fetchScript: StepScript<FetchNames, readonly Uint8Array[]> = defineStep<
  FetchNames,
  readonly Uint8Array[]
>({
  name: 'fetch',
  keys: QUEUE_KEYS,
  args: ['maxBytes'],
  item: { keys: ['entry', 'earlier'], args: ['id'] },
  whenFull: 'runs',
  order: 'none',
  parts: ['entries'],
  body: `
    local answers, left = {}, tonumber(maxBytes)
    for i, item in ipairs(items) do
      local earliest = redis.call('LINDEX', item.earlier, 0)
      local entry = parse(earliest or redis.call('GET', item.entry))
      answers[i] = ''
      if not entry or entry.kind ~= DIRTY then
        redis.call('ZREM', queue, item.id)
        redis.call('ZREM', order, item.id)
      elseif i == 1 or #entry.envelope <= left then
        left = left - #entry.envelope
        if not earliest and not entry.taken then
          redis.call('SETRANGE', item.entry, 3, string.char(DIRTY + 1 + (entry.marked and 2 or 0)))
        end
        answers[i] = entry.bytes
      else
        left = 0
      end
    end
    return answers`,
  read: (answer) => readReply.list(answer).map(readReply.bytes),
})
