/** What a clean-up leaves for the next, beside the locks: the note of the greatest token. */

import type { CleanUpNote } from '../../contracts/idle-steps.ts'
import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readReply } from './read-reply.ts'

export interface SavedNames {
  readonly keys: ShardKey | 'note'
  readonly args: ShardArg
  readonly itemKeys: never
  readonly itemArgs: never
}
export interface SaveNames extends Omit<SavedNames, 'args'> {
  readonly args: ShardArg | 'token' | 'text'
}

const NOTHING_BY_KEY = { keys: [], args: [] } as const

export const cleanUpScripts: {
  readonly saved: StepScript<SavedNames, CleanUpNote | undefined>
  readonly save: StepScript<SaveNames, boolean>
} = {
  saved: defineStep<SavedNames, CleanUpNote | undefined>({
    name: 'clean-up-saved',
    keys: ['note'],
    item: NOTHING_BY_KEY,
    whenFull: 'runs',
    order: 'none',
    parts: [],
    body: `return redis.call('GET', note) or ''`,
    read: readNote,
  }),
  save: defineStep<SaveNames, boolean>({
    name: 'clean-up-save',
    keys: ['note'],
    args: ['token', 'text'],
    item: NOTHING_BY_KEY,
    whenFull: 'runs',
    order: 'none',
    parts: [],
    body: `
    local known = redis.call('GET', note)
    if known and (tonumber(string.match(known, '^%d+')) or 0) > tonumber(token) then return 0 end
    redis.call('SET', note, token .. ' ' .. text)
    return 1`,
    read: (reply) => readReply.number(reply) === 1,
  }),
}

function readNote(reply: RedisReply): CleanUpNote | undefined {
  const [, token, text] = /^(\d+) (.*)$/s.exec(readReply.text(reply)) ?? []
  return token === undefined || text === undefined ? undefined : { token: Number(token), text }
}
