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
    local answers, left, stored = {}, tonumber(maxBytes), allStored('entry')
    local anyEarlier = anyOf('earlier')
    local function envelopeAt(bytes)
      local _, _, _, _, _, _, at = struct.unpack('<dddddBc0', bytes, 5)
      local _, _, _, _, _, _, from = struct.unpack('<BHdddd', bytes, afterTags(bytes, at))
      return afterTags(bytes, from)
    end
    -- State and size of a write that waits, which is handed out as it is, not taken apart.
    local function weigh(bytes)
      local state = bytes and string.sub(bytes, 1, 3) == '\\247e\\1' and (string.byte(bytes, 4) or 0) - DIRTY
      if not state or state < 0 or state > 3 then return nil end
      local ok, at = pcall(envelopeAt, bytes)
      if ok then return state, math.max(0, #bytes - at + 1) end
    end
    for i, item in ipairs(items) do
      local earliest = anyEarlier and redis.call('LINDEX', item.earlier, 0)
      local bytes = earliest or stored[i]
      local state, size = weigh(bytes)
      answers[i] = ''
      if not state then
        redis.call('ZREM', queue, item.id)
        redis.call('ZREM', order, item.id)
      elseif i == 1 or size <= left then
        left = left - size
        if not earliest and state % 2 == 0 then
          redis.call('SETRANGE', item.entry, 3, string.char(DIRTY + state + 1))
        end
        answers[i] = bytes
      else
        left = 0
      end
    end
    return answers`,
  read: (answer) => readReply.list(answer).map(readReply.bytes),
})
