/** What a Redis is worth for a cache, with the cure of each finding. */

import type { CacheSpread, ExaminedNode, RedisExamination } from '../redis/index.ts'
import { bytes, count, counted, duration } from './figures.ts'
import type { Examined, Fact, Finding } from './finding.ts'

/** A read of the shared tier is one round trip; by default it has 200 ms for everything. */
const SLOW_MS = 20
const CLOCK_MS = 500
const FULL = 0.8
/** Of fewer entries, chance alone makes shards uneven. */
const MIN_ENTRIES = 1_000
const UNEVEN = 2

/** `where`: without user and password. */
export function judgeRedis(seen: RedisExamination, where: string, name: string): Examined {
  if (seen.state === 'away') {
    return {
      away: true,
      facts: [],
      findings: [
        {
          severity: 'bad',
          code: 'redis-away',
          about: where,
          message: seen.fault,
          cure: 'See whether the server runs, and whether this machine, its user and its password reach it. Until then instances serve copies for `coherence.maxBlindness`, and load from the source.',
        },
      ],
    }
  }
  const { nodes, cache } = seen
  return {
    facts: [
      ...nodes.map((node) => ({ about: 'redis', value: describeNode(node, where) })),
      ...(cache === undefined ? [] : describeCache(cache, name)),
    ],
    findings: [
      ...nodes.flatMap(judgeNode),
      ...(cache === undefined ? noCache(nodes, where, name) : judgeCache(cache, name)),
    ],
  }
}

function describeNode(node: ExaminedNode, where: string): string {
  const { software, version, roundTripMs, clockAheadMs, usedMemoryBytes, maxMemoryBytes } = node
  const bound = maxMemoryBytes ? `of ${bytes(maxMemoryBytes)}` : 'without a bound'
  const kept =
    node.appendOnly === true ? `appendfsync ${node.appendFsync ?? '?'}` : 'nothing on disk'
  return [
    `${software === 'valkey' ? 'Valkey' : 'Redis'} ${version || '?'} at ${where}`,
    `answers in ${duration(roundTripMs)}`,
    `clock ${clockAheadMs < 0 ? '' : '+'}${Math.round(clockAheadMs)} ms`,
    `${bytes(usedMemoryBytes)} ${bound}`,
    node.maxMemoryPolicy ?? 'policy unknown',
    kept,
    `${node.replicas ?? 0} replicas`,
  ].join(', ')
}

function describeCache(cache: CacheSpread, name: string): readonly Fact[] {
  const total = cache.entries.reduce((sum, entries) => sum + entries, 0)
  const some = Object.entries(cache.collections)
    .map(([collection, entries]) => `${collection || 'plain keys'} ${count(entries)}`)
    .join(', ')
  const seen = cache.complete ? '' : 'at least '
  return [
    {
      about: 'cache',
      value: `${name}: ${seen}${count(total)} entries in ${counted(cache.shards, 'shard')}${some === '' ? '' : ` (${some})`}`,
    },
  ]
}

function judgeNode(node: ExaminedNode): readonly Finding[] {
  const { node: about, roundTripMs, clockAheadMs, usedMemoryBytes, maxMemoryBytes } = node
  const findings: Finding[] = node.problems.map(({ severity, message, cure }) => ({
    severity: severity === 'refuse' ? 'bad' : 'warn',
    code: 'redis-server',
    about,
    message,
    // The command line makes the client itself.
    cure: cure.startsWith('Pass a cluster client') ? 'Say --cluster as well.' : cure,
  }))
  if (roundTripMs > SLOW_MS) {
    findings.push({
      severity: 'warn',
      code: 'slow-server',
      about,
      message: `It takes ${duration(roundTripMs)} to answer, from here.`,
      cure: 'Bring the instances and the server into one network, see what `SLOWLOG GET` and `LATENCY DOCTOR` tell, or raise `sharedTimeout`.',
    })
  }
  if (Math.abs(clockAheadMs) > CLOCK_MS + roundTripMs / 2) {
    findings.push({
      severity: 'warn',
      code: 'clock',
      about,
      message: `Its clock is ${duration(Math.abs(clockAheadMs))} ${clockAheadMs > 0 ? 'ahead of' : 'behind'} this machine's: an \`expiresAt\` ends so much ${clockAheadMs > 0 ? 'earlier' : 'later'} in the shared tier.`,
      cure: 'Let both take their time from NTP.',
    })
  }
  return [...findings, ...judgeMemory({ about, usedMemoryBytes, maxMemoryBytes, node })]
}

function judgeMemory({
  about,
  usedMemoryBytes = 0,
  maxMemoryBytes = 0,
  node,
}: {
  readonly about: string
  readonly usedMemoryBytes: number | undefined
  readonly maxMemoryBytes: number | undefined
  readonly node: ExaminedNode
}): readonly Finding[] {
  const findings: Finding[] = []
  if (node.maxMemoryBytes === 0) {
    findings.push({
      severity: 'warn',
      code: 'memory',
      about,
      message: '`maxmemory` is 0: entries may take all the memory of the machine.',
      cure: 'Set `maxmemory`, with `maxmemory-policy volatile-lru`.',
    })
  } else if (maxMemoryBytes > 0 && usedMemoryBytes / maxMemoryBytes > FULL) {
    findings.push({
      severity: 'warn',
      code: 'memory',
      about,
      message: `${bytes(usedMemoryBytes)} of ${bytes(maxMemoryBytes)} are used.`,
      cure: 'Raise `maxmemory`, shorten `ttl`, let `idle` remove what nobody reads, or turn `compression` on.',
    })
  }
  if ((node.evictedKeys ?? 0) > 0) {
    findings.push({
      severity: 'warn',
      code: 'evictions',
      about,
      message: `It has evicted ${count(node.evictedKeys)} keys for room since it started.`,
      cure: 'Raise `maxmemory`, or keep less: see above.',
    })
  }
  return findings
}

function noCache(nodes: readonly ExaminedNode[], where: string, name: string): readonly Finding[] {
  const isRefused = nodes.some(({ problems }) =>
    problems.some(({ severity }) => severity === 'refuse'),
  )
  // It was not looked for.
  if (isRefused) return []
  const finding: Finding = {
    severity: 'warn',
    code: 'no-cache',
    about: where,
    message: `There is no cache \`${name}\`.`,
    cure: 'See whether the name, the database number and the server are those of the instances.',
  }
  return [finding]
}

function judgeCache(cache: CacheSpread, name: string): readonly Finding[] {
  const { shards, entries, protocol = 0, protocolHere, several } = cache
  const findings: Finding[] = []
  if (several) {
    findings.push({
      severity: 'warn',
      code: 'several-servers',
      about: name,
      message: 'The cache is spread over several servers, of which this is one.',
      cure: 'Look at each of them, and ask the admin API for the whole.',
    })
  }
  if (protocol > protocolHere) {
    findings.push({
      severity: 'bad',
      code: 'protocol',
      about: name,
      message: `A newer release works there: protocol ${protocol}, this one speaks ${protocolHere}.`,
      cure: 'Use the same release everywhere; this one refuses to work on it.',
    })
  }
  const total = entries.reduce((sum, one) => sum + one, 0)
  const most = Math.max(...entries)
  if (!several && total >= MIN_ENTRIES && most > (UNEVEN * total) / shards) {
    findings.push({
      severity: 'warn',
      code: 'uneven-shards',
      about: name,
      message: `Shard ${entries.indexOf(most)} has ${count(most)} of ${count(total)} entries, of ${shards} shards.`,
      cure: 'See to it that `shardBy` answers with many different texts: all keys with one answer live in one shard.',
    })
  }
  return findings
}
