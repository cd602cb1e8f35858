/** What one server says of itself. Read by `checkServer`, judged by `judge-node.ts`. */

import { readInfo } from './read-info.ts'
import type { RedisCommand, RedisReply } from './redis-connection.ts'
import { RedisError } from './redis-error.ts'

/** What could not be read is `undefined`. */
export interface NodeFacts {
  readonly node: string
  readonly software: 'redis' | 'valkey'
  /** `7.0.15`; empty where INFO is refused. */
  readonly version: string
  readonly isCluster: boolean
  readonly role: string | undefined
  /** 0: no bound. */
  readonly maxMemoryBytes: number | undefined
  readonly maxMemoryPolicy: string | undefined
  readonly appendOnly: boolean | undefined
  readonly appendFsync: string | undefined
  readonly noAppendFsyncOnRewrite: boolean | undefined
  readonly replicas: number | undefined
  readonly minReplicasToWrite: number | undefined
  readonly minReplicasMaxLagSeconds: number | undefined
  readonly infoInScripts: boolean
  /** What the user of the connection may not do, of what is asked here. */
  readonly refused: readonly ('INFO' | 'CONFIG' | 'EVAL')[]
}

const settings = [
  'maxmemory',
  'maxmemory-policy',
  'appendonly',
  'appendfsync',
  'no-appendfsync-on-rewrite',
  'min-replicas-to-write',
  'min-replicas-max-lag',
] as const

/** 1: a script may read INFO, 0: it may not. */
const infoScript = "return type(redis.pcall('INFO', 'server')) == 'string' and 1 or 0"

/** One server's replies to these are what `readNodeFacts` takes. */
export const factCommands: readonly RedisCommand[] = [
  ['INFO'],
  ['EVAL', infoScript, '0'],
  // Several in one command need version 7.
  ...settings.map((setting): RedisCommand => ['CONFIG', 'GET', setting]),
]

export function readNodeFacts(node: string, replies: readonly RedisReply[]): NodeFacts {
  const [infoReply = null, evalReply = null, ...configReplies] = replies
  const info = readInfo(infoReply)
  const config = new Map(settings.map((name, at) => [name, settingOf(configReplies[at] ?? null)]))
  const refused: ('INFO' | 'CONFIG' | 'EVAL')[] = []
  if (infoReply instanceof RedisError) refused.push('INFO')
  if (configReplies[0] instanceof RedisError) refused.push('CONFIG')
  if (evalReply instanceof RedisError) refused.push('EVAL')
  return {
    node,
    software: info['server_name'] === 'valkey' ? 'valkey' : 'redis',
    version: info['valkey_version'] ?? info['redis_version'] ?? '',
    isCluster: info['cluster_enabled'] === '1',
    role: info['role'],
    maxMemoryBytes: numberOf(config.get('maxmemory') ?? info['maxmemory']),
    maxMemoryPolicy: config.get('maxmemory-policy') ?? info['maxmemory_policy'],
    appendOnly: info['aof_enabled'] === undefined ? undefined : info['aof_enabled'] === '1',
    appendFsync: config.get('appendfsync'),
    noAppendFsyncOnRewrite: flagOf(config.get('no-appendfsync-on-rewrite')),
    replicas: numberOf(info['connected_slaves']),
    minReplicasToWrite: numberOf(config.get('min-replicas-to-write')),
    minReplicasMaxLagSeconds: numberOf(config.get('min-replicas-max-lag')),
    infoInScripts: evalReply === 1,
    refused,
  }
}

/** A pair of name and value; empty for a setting that the version does not have. */
function settingOf(reply: RedisReply): string | undefined {
  const value = Array.isArray(reply) ? (reply as readonly RedisReply[])[1] : undefined
  return value instanceof Uint8Array ? Buffer.from(value).toString() : undefined
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text)
}

function flagOf(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text === 'yes'
}
