/** What is wrong with a server for a cache, in words that a person can act on. Called by `checkServer`. */

import type { NodeFacts } from './read-node-facts.ts'

/** `refuse`: what is asked of the server cannot be kept. `warn`: it works, and somebody should know. */
export interface ServerProblem {
  readonly severity: 'refuse' | 'warn'
  readonly message: string
  /** What to do about it. */
  readonly cure: string
}

export interface ServerNeeds {
  /**
   * Whether writes wait on the server for the source, and what may become of them: `memory` lets
   * them be lost with the server's memory, `durable` does not.
   */
  readonly pendingWrites: 'none' | 'memory' | 'durable'
}

const lowestVersions = { redis: [6, 2], valkey: [7, 2] } as const
const LONGEST_LAG_SECONDS = 2

export interface Judged {
  readonly facts: NodeFacts
  readonly needs: ServerNeeds
  /** How the server is talked to. */
  readonly kind: 'single' | 'cluster'
}

export function judgeNode({ facts, needs, kind }: Judged): readonly ServerProblem[] {
  const problems = [
    ...judgeVersion(facts),
    ...judgeKind(facts, kind),
    ...judgeScripts(facts, needs),
    ...judgeEviction(facts, needs),
    ...judgeDurability(facts, needs),
    ...judgeReplicas(facts),
    ...judgeUnknown(facts),
  ]
  return problems.map((problem) => ({ ...problem, message: `${facts.node}: ${problem.message}` }))
}

function judgeVersion({ software, version }: NodeFacts): ServerProblem[] {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [lowestMajor, lowestMinor] = lowestVersions[software]
  if (version === '' || major > lowestMajor) return []
  if (major === lowestMajor && minor >= lowestMinor) return []
  const name = software === 'redis' ? 'Redis' : 'Valkey'
  const message = `The server is ${name} ${version}; the lowest that works is ${lowestMajor}.${lowestMinor}.`
  return [{ severity: 'refuse', message, cure: 'Use Redis 6.2 or later, or Valkey 7.2 or later.' }]
}

/** Even a cluster of one server refuses commands over keys of two slots. */
function judgeKind({ isCluster }: NodeFacts, kind: Judged['kind']): ServerProblem[] {
  if (!isCluster || kind === 'cluster') return []
  const message = 'The server is part of a cluster, and the client is one for a single server.'
  const cure = 'Pass a cluster client: `new Cluster(...)` or `createCluster(...)`.'
  return [{ severity: 'refuse', message, cure }]
}

function judgeScripts(facts: NodeFacts, { pendingWrites }: ServerNeeds): ServerProblem[] {
  if (facts.refused.includes('EVAL')) {
    const message = 'The user may not run scripts, which every change is.'
    return [{ severity: 'refuse', message, cure: 'Grant `+eval +evalsha` in its ACL.' }]
  }
  if (facts.infoInScripts) return []
  const message =
    'Scripts may not read INFO, so a failover behind a proxy may go unseen, and old values come back.'
  const severity = pendingWrites === 'none' ? 'warn' : 'refuse'
  return [{ severity, message, cure: 'Grant `+info` in the ACL of the user.' }]
}

function judgeEviction(facts: NodeFacts, { pendingWrites }: ServerNeeds): ServerProblem[] {
  const { maxMemoryPolicy = '', maxMemoryBytes = 0 } = facts
  const cure = 'Set `maxmemory-policy volatile-lru`.'
  if (maxMemoryPolicy.startsWith('allkeys-')) {
    const message = `\`maxmemory-policy\` is ${maxMemoryPolicy}: the server may evict what the cache keeps its order by, which then drops all entries${pendingWrites === 'none' ? '' : ', and writes that wait for the source'}.`
    return [{ severity: pendingWrites === 'none' ? 'warn' : 'refuse', message, cure }]
  }
  if (maxMemoryPolicy !== 'noeviction' || maxMemoryBytes === 0) return []
  const message = `\`maxmemory-policy\` is noeviction with ${maxMemoryBytes} bytes at most: a full server refuses every change.`
  return [{ severity: 'warn', message, cure }]
}

function judgeDurability(facts: NodeFacts, { pendingWrites }: ServerNeeds): ServerProblem[] {
  if (pendingWrites !== 'durable') return []
  if (facts.appendOnly === false) {
    const message =
      '`appendonly` is off: writes that wait for the source are lost with the process.'
    const cure = "Set `appendonly yes` and `appendfsync always`, or choose `durability: 'memory'`."
    return [{ severity: 'refuse', message, cure }]
  }
  const problems: ServerProblem[] = []
  if (facts.appendFsync !== undefined && facts.appendFsync !== 'always') {
    const message = `\`appendfsync\` is ${facts.appendFsync}: a power cut loses the last writes, usually of one second.`
    problems.push({ severity: 'warn', message, cure: 'Set `appendfsync always`.' })
  }
  if (facts.noAppendFsyncOnRewrite === true) {
    const message =
      '`no-appendfsync-on-rewrite` is on: nothing is safe while the file is rewritten.'
    problems.push({ severity: 'warn', message, cure: 'Set `no-appendfsync-on-rewrite no`.' })
  }
  return problems
}

/** Without all of them, a master that was cut off goes on taking what the others never hear of. */
function judgeReplicas(facts: NodeFacts): ServerProblem[] {
  const { replicas = 0, minReplicasToWrite, minReplicasMaxLagSeconds = 0 } = facts
  if (replicas === 0 || minReplicasToWrite === undefined) return []
  const isBounded = minReplicasMaxLagSeconds > 0 && minReplicasMaxLagSeconds <= LONGEST_LAG_SECONDS
  if (minReplicasToWrite >= replicas && isBounded) return []
  const message = `There are ${replicas} replicas, with \`min-replicas-to-write ${minReplicasToWrite}\` and \`min-replicas-max-lag ${minReplicasMaxLagSeconds}\`: after a failover the old master may go on taking writes and serving old values.`
  const cure = `Set \`min-replicas-to-write ${replicas}\` and \`min-replicas-max-lag ${LONGEST_LAG_SECONDS}\` on every server, and promote no sooner than 3 s after the last sign of life.`
  return [{ severity: 'warn', message, cure }]
}

function judgeUnknown({ refused, replicas = 0 }: NodeFacts): ServerProblem[] {
  const problems: ServerProblem[] = []
  if (refused.includes('INFO')) {
    const message = 'The user may not read INFO, so nothing is known of the server.'
    const cure = 'Grant `+info`, or see to it that the server is Redis 6.2 or later (Valkey 7.2).'
    problems.push({ severity: 'warn', message, cure })
  }
  if (refused.includes('CONFIG')) {
    const message = 'The user may not read CONFIG, so not all settings are known.'
    const lag = `\`min-replicas-to-write ${replicas}\` and \`min-replicas-max-lag ${LONGEST_LAG_SECONDS}\``
    const cure = `Grant \`+config|get\`, or see to it yourself: ${replicas > 0 ? `${lag}, ` : ''}\`appendfsync always\` where writes wait for the source.`
    problems.push({ severity: 'warn', message, cure })
  }
  return problems
}
