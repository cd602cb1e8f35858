/**
 * The first step of a session: notes how many shards the cache has here, or tells how many it was
 * given before, and sends the session one message through the channel that hints come by.
 */

import { PROTOCOL_VERSION } from '../protocol-version.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readReply } from './read-reply.ts'

export interface OpenNames {
  readonly keys: ShardKey
  readonly args: ShardArg | 'shards' | 'probe'
  readonly itemKeys: never
  readonly itemArgs: never
}

/** Answers how many shards there are. */
export const openScript: StepScript<OpenNames, number> = defineStep<OpenNames, number>({
  name: 'open',
  args: ['shards', 'probe'],
  item: { keys: [], args: [] },
  whenFull: 'runs',
  // A server that is left opens too: its shards are still to go.
  whenMoved: 'runs',
  order: 'none',
  parts: [],
  body: `
    redis.call('HSETNX', control, 'S', shards)
    redis.pcall('PUBLISH', channel, '[${PROTOCOL_VERSION},"h",' .. cjson.encode(probe) .. ']')
    return redis.call('HGET', control, 'S')`,
  read: readReply.number,
})
