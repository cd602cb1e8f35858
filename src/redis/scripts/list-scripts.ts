/** Looks at what waits in a queue, and changes nothing. */

import type { RedisReply } from '../connection/redis-connection.ts'
import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { QUEUE_KEYS, type QueueKey } from './queue-keys.ts'
import { readReply } from './read-reply.ts'

export interface BacklogNames {
  readonly keys: ShardKey | QueueKey
  readonly args: ShardArg
  readonly itemKeys: never
  readonly itemArgs: never
}

export interface BacklogReply {
  readonly records: number
  readonly bytes: number
  readonly dead: number
  /** The key whose write has waited longest. */
  readonly oldest: string | undefined
}

export const backlogScript: StepScript<BacklogNames, BacklogReply> = defineStep<
  BacklogNames,
  BacklogReply
>({
  name: 'backlog',
  keys: QUEUE_KEYS,
  args: [],
  item: { keys: [], args: [] },
  whenFull: 'runs',
  order: 'none',
  parts: [],
  body: `
    local kept = redis.call('HMGET', meta, 'records', 'bytes')
    return { kept[1] or '0', kept[2] or '0', redis.call('HLEN', dead),
      redis.call('ZRANGE', order, 0, 0) }`,
  read: readBacklog,
})

function readBacklog(reply: RedisReply): BacklogReply {
  const [records, bytes, dead, ids] = readReply.list(reply)
  const [oldest] = readReply.list(ids)
  return {
    records: readReply.number(records),
    bytes: readReply.number(bytes),
    dead: readReply.number(dead),
    oldest: oldest === undefined ? undefined : readReply.text(oldest),
  }
}

export interface ScanQueueNames {
  readonly keys: ShardKey | QueueKey
  readonly args: ShardArg | 'cursor' | 'limit'
  readonly itemKeys: never
  readonly itemArgs: never
}

export interface ScanQueueReply {
  readonly ids: readonly string[]
  readonly cursor: string | undefined
}

/** What waits all the while is answered at least once, as `ZSCAN` promises. */
export const scanQueueScript: StepScript<ScanQueueNames, ScanQueueReply> = defineStep<
  ScanQueueNames,
  ScanQueueReply
>({
  name: 'scan-queue',
  keys: QUEUE_KEYS,
  args: ['cursor', 'limit'],
  item: { keys: [], args: [] },
  whenFull: 'runs',
  order: 'none',
  parts: [],
  body: `
    local scanned, ids = redis.call('ZSCAN', order, cursor, 'COUNT', limit), {}
    for at = 1, #scanned[2], 2 do ids[#ids + 1] = scanned[2][at] end
    return { scanned[1], ids }`,
  read: readScan,
})

function readScan(reply: RedisReply): ScanQueueReply {
  const [cursor, ids] = readReply.list(reply)
  const next = readReply.text(cursor)
  return {
    ids: readReply.list(ids).map(readReply.text),
    cursor: next === '0' ? undefined : next,
  }
}

export interface LookNames {
  readonly keys: ShardKey | QueueKey
  readonly args: ShardArg
  readonly itemKeys: 'entry' | 'earlier'
  readonly itemArgs: never
}

/** Of each key all writes that wait, the earliest first. */
export const lookScript: StepScript<LookNames, readonly (readonly Uint8Array[])[]> = defineStep<
  LookNames,
  readonly (readonly Uint8Array[])[]
>({
  name: 'look',
  keys: QUEUE_KEYS,
  args: [],
  item: { keys: ['entry', 'earlier'], args: [] },
  whenFull: 'runs',
  order: 'none',
  parts: ['entries'],
  body: `
    local answers = {}
    for i, item in ipairs(items) do
      local all = redis.call('LRANGE', item.earlier, 0, -1)
      local entry = parse(redis.call('GET', item.entry))
      if entry and entry.kind == DIRTY then all[#all + 1] = entry.bytes end
      answers[i] = all
    end
    return answers`,
  read: (answer) =>
    readReply.list(answer).map((writes) => readReply.list(writes).map(readReply.bytes)),
})
