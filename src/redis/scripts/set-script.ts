/** Stores values unconditionally, each under a number of its own; one who loads is cut off. */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readReply } from './read-reply.ts'

export interface SetNames {
  readonly keys: ShardKey
  readonly args: ShardArg
  readonly itemKeys: 'entry' | 'lease'
  readonly itemArgs: 'id' | 'collection' | 'bucket' | 'ttl' | 'grace' | 'tags' | 'envelope'
}

export interface SetReply {
  /** `false`: an intent stands on the key. */
  readonly stored: boolean
  readonly number: number
}

export const setScript: StepScript<SetNames, readonly SetReply[]> = defineStep<
  SetNames,
  readonly SetReply[]
>({
  name: 'set',
  item: {
    keys: ['entry', 'lease'],
    args: ['id', 'collection', 'bucket', 'ttl', 'grace', 'tags', 'envelope'],
  },
  whenFull: 'refused',
  order: 'epoch',
  parts: ['entries', 'tags', 'leases', 'intents'],
  body: `
    if #items == 0 then return {} end
    local answers, from = {}, raise(#items)
    endLeases(items)
    changedAll(items, from, 1, 'delete')
    for i, item in ipairs(items) do
      local at, masked = from + i - 1, false
      -- Only a write that stands there is looked at closely; a key of another type is overwritten.
      if looksWritten(item) then
        local entry = load(item)
        masked = entry and entry.kind == INTENT
      end
      if not masked then putValue(item, at) end
      answers[i] = { masked and 0 or 1, at }
    end
    return answers`,
  read: (answer) => readReply.list(answer).map(readSet),
})

function readSet(answer: RedisReply): SetReply {
  const [stored, number] = readReply.list(answer)
  return { stored: readReply.number(stored) === 1, number: readReply.number(number) }
}
