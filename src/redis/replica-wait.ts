/**
 * Waits until replicas have what a step has written: `WAIT`, on a connection of its own, since it blocks
 * the one that it is sent on.
 *
 * A server that was promoted meanwhile would be asked about another history, and a new connection about
 * nothing at all, and both would say yes. So the shard must still have the epoch of the step, and the
 * connection must be the same one from the look at that until the answer.
 */

import { TierError } from '../contracts/errors.ts'
import type { Durability } from '../contracts/pending-steps.ts'
import type { ShardMoment } from '../contracts/shared-tier.ts'
import type { RedisConnection } from './connection/redis-connection.ts'
import { replicasOf } from './durability-level.ts'
import { confirmScript } from './scripts/confirm-script.ts'
import type { StepRunner } from './step-runner.ts'

/** Callers have given up by then as a rule. One that is silent for longer is taken for dead. */
const WAIT_MS = 500

export interface ReplicaWaitOptions {
  /** Nothing else is sent on it. */
  readonly connection: RedisConnection
  /** Over that connection. */
  readonly runner: Pick<StepRunner, 'run' | 'names'>
  readonly replicas: number
}

/** `undefined`: no replicas are asked for. `runnerOf`: the steps of the tier, over that connection. */
export function replicaWait(
  asked: {
    readonly connection: RedisConnection | undefined
    readonly durability: Durability | undefined
  },
  runnerOf: (connection: RedisConnection) => StepRunner,
): ReplicaWait | undefined {
  const { connection, durability } = asked
  const replicas = durability === undefined ? 0 : replicasOf(durability)
  if (connection === undefined || replicas === 0) return undefined
  return new ReplicaWait({ connection, runner: runnerOf(connection), replicas })
}

export class ReplicaWait {
  readonly #options: ReplicaWaitOptions
  /** Connections so far. */
  #generation = 0

  constructor(options: ReplicaWaitOptions) {
    this.#options = options
    options.connection.onState(() => {
      this.#generation += 1
    })
  }

  /** @throws TierError if so many replicas did not say in time that they have it; they may have it. */
  async confirm(wrote: ShardMoment): Promise<void> {
    const { connection, runner, replicas } = this.#options
    await connection.ready
    const generation = this.#generation
    const nothing = { keys: {}, args: {}, items: [] }
    const { moment } = await runner.run(confirmScript, wrote.shard, nothing)
    if (moment.epoch !== wrote.epoch) throw refuse('The numbers of its shard have begun anew.')
    const { control } = runner.names.of(wrote.shard)
    const wait = ['WAIT', String(replicas), String(WAIT_MS)]
    const [reached] = await connection.send(control, [wait])
    if (generation !== this.#generation) throw refuse('The connection was lost meanwhile.')
    if (typeof reached === 'number' && reached >= replicas) return
    throw refuse(`${typeof reached === 'number' ? reached : 'No'} of ${replicas} replicas have it.`)
  }

  async close(): Promise<void> {
    await this.#options.connection.close()
  }
}

function refuse(why: string): TierError {
  const message = `A write was queued, but is not known to be replicated, and may be carried out. ${why}`
  return new TierError('redis', message)
}
