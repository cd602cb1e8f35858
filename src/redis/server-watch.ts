/**
 * Looks at the servers when a session opens, and once a minute: they are replaced, and their settings
 * changed, while processes run. What a person should know is told once, as a failure of `check`.
 */

import type { Clock } from '../contracts/clock.ts'
import { type ConfigError, TierError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type { Durability } from '../contracts/pending-steps.ts'
import { checkServer } from './connection/check-server.ts'
import { judgeNode, type ServerProblem } from './connection/judge-node.ts'
import type { NodeFacts } from './connection/read-node-facts.ts'
import type { RedisConnection } from './connection/redis-connection.ts'
import { reachedBy, replicasOf, unreached } from './durability-level.ts'

const EVERY_MS = 60_000
/** Messages that are remembered, so as not to be told again. */
const MAX_TOLD = 100
/** Nobody has said that this is enough. */
const IN_MEMORY: ServerProblem = {
  severity: 'warn',
  message:
    'Writes behind the cache wait in the memory of Redis alone: a restart loses those that were acknowledged and are not in the source yet.',
  cure: "Set `appendonly yes`, or say `durability: 'memory'` where that is meant.",
}

export interface ServerWatchOptions {
  readonly connection: RedisConnection
  readonly clock: Clock
  readonly report: Report
  /** What writes that wait are to survive; `undefined`: whatever the server reaches. */
  readonly durability: Durability | undefined
}

export class ServerWatch {
  readonly #options: ServerWatchOptions
  readonly #told = new Set<string>()
  #cancel: () => void = () => {}
  #isClosed = false
  #facts: readonly NodeFacts[] = []
  /** They are of an earlier connection. */
  #mayBeOld = false
  /** Of these facts. */
  #durability: Promise<Durability> | undefined

  constructor(options: ServerWatchOptions) {
    this.#options = options
  }

  /**
   * Why no cache can work there; `undefined`: one can.
   *
   * @throws TierError if a server cannot be asked.
   */
  async check(): Promise<TierError | ConfigError | undefined> {
    const { facts, problems } = await checkServer(this.#options.connection, {
      pendingWrites: this.#options.durability === undefined ? 'none' : 'memory',
    })
    this.#facts = facts
    this.#mayBeOld = false
    this.#durability = undefined
    const refusal = problems.find(({ severity }) => severity === 'refuse')
    for (const problem of problems) if (problem !== refusal) this.#tell(problem)
    return refusal === undefined ? this.#unreached() : errorOf(refusal)
  }

  /**
   * What a write that waits for the source survives, on the weakest of the servers: asked with each of them,
   * and judged with each look.
   *
   * @throws TierError where one of them may evict it, or reaches less than was asked for.
   */
  get durability(): Promise<Durability> {
    if (this.#durability === undefined) {
      const judged = this.#mayBeOld ? this.check().then(() => this.#reached()) : this.#reached()
      this.#durability = judged
      judged.catch(() => {
        // A server that could not be asked may be asked by the next.
        if (this.#mayBeOld && this.#durability === judged) this.#durability = undefined
      })
    }
    return this.#durability
  }

  async #reached(): Promise<Durability> {
    const needs = { pendingWrites: 'memory' } as const
    const { kind } = this.#options.connection
    for (const facts of this.#facts) {
      const refusal = judgeNode({ facts, needs, kind }).find(
        ({ severity }) => severity === 'refuse',
      )
      if (refusal !== undefined) throw errorOf(refusal)
    }
    // What it was opened for is not given up for a setting that has changed since.
    const below = this.#unreached()
    if (below !== undefined) throw new TierError('redis', below.message)
    const reached = reachedBy(this.#facts)
    const asked = this.#options.durability
    if (reached === 'memory' && asked === undefined) this.#tell(IN_MEMORY)
    return asked !== undefined && replicasOf(asked) > 0 ? asked : reached
  }

  #unreached(): ConfigError | undefined {
    const asked = this.#options.durability
    return asked === undefined ? undefined : unreached(asked, this.#facts)
  }

  /** After another connection, which may lead to another server: who writes next looks again before. */
  reconnected(): void {
    this.#mayBeOld = true
    this.#durability = undefined
  }

  /** From now on, once a minute. */
  start(): void {
    if (this.#isClosed) return
    this.#cancel = this.#options.clock.schedule(EVERY_MS, () => void this.#again(), 'upkeep')
  }

  close(): void {
    this.#isClosed = true
    this.#cancel()
  }

  async #again(): Promise<void> {
    try {
      const refusal = await this.check()
      // What has worked so far may go on; somebody should know.
      if (refusal !== undefined) this.#report(refusal)
    } catch {
      // Steps tell that the server is out of reach.
    }
    this.start()
  }

  #tell(problem: ServerProblem): void {
    if (this.#told.has(problem.message) || this.#told.size >= MAX_TOLD) return
    this.#told.add(problem.message)
    this.#report(errorOf(problem))
  }

  #report(error: TierError | ConfigError): void {
    this.#options.report({ type: 'tier-failure', tier: 'shared', operation: 'check', error })
  }
}

function errorOf({ message, cure }: ServerProblem): TierError {
  return new TierError('redis', `${message} ${cure}`)
}
