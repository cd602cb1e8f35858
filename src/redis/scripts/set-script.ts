/** Stores values unconditionally, each under a number of its own; one who loads is cut off. */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readReply } from './read-reply.ts'

export interface SetNames {
  readonly keys: ShardKey
  readonly args: ShardArg
  readonly itemKeys: 'entry' | 'lease'
  readonly itemArgs: 'id' | 'bucket' | 'tags' | 'envelope'
  readonly itemNumbers: 'ttl' | 'grace'
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
    args: ['id', 'bucket', 'tags', 'envelope'],
    numbers: ['ttl', 'grace'],
  },
  whenFull: 'refused',
  order: 'epoch',
  parts: ['entries', 'tags', 'leases', 'intents'],
  body: `
    if #items == 0 then return { 0, '' } end
    local answers, from = {}, raise(#items)
    -- Plain keys are never written behind.
    local mayBeWritten = redis.call('ZCARD', due) > 0 or collectionOf(items[1].id) ~= ''
    endLeases()
    changedAll(from, 1, 'delete')
    for i, item in ipairs(items) do
      local at, masked = from + i - 1, false
      -- Only a write that stands there is looked at closely; a key of another type is overwritten.
      if mayBeWritten and looksWritten(item) then
        local entry = load(item)
        masked = isKept(entry)
      end
      if not masked then putValue(item, at) end
      answers[i] = masked and '0' or '1'
    end
    return { from, table.concat(answers) }`,
  read: readSets,
})

/** The first number and a letter a value: `0` where an intent stands. */
function readSets(answer: RedisReply): readonly SetReply[] {
  const [first, flags] = readReply.list(answer)
  const from = readReply.number(first)
  return Array.from(readReply.text(flags), (flag, at) => ({
    stored: flag === '1',
    number: from + at,
  }))
}
