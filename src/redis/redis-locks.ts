/** Locks on Redis, see `LockSteps`. They live in a hash tag of their own, beside the shards. */

import type { LockAnswer, LockRequest, LockSteps } from '../contracts/lock-steps.ts'
import type { RedisConnection } from './connection/redis-connection.ts'
import { RedisError } from './connection/redis-error.ts'
import { errorOfReply } from './error-of-reply.ts'
import { scriptNumber } from './script-number.ts'
import { type LockNames, lockScripts } from './scripts/lock-scripts.ts'
import { readReply } from './scripts/read-reply.ts'
import type { StepCall, StepRunner } from './step-runner.ts'

export interface RedisLocksOptions {
  readonly runner: StepRunner
  readonly connection: RedisConnection
}

export class RedisLocks implements LockSteps {
  readonly #options: RedisLocksOptions

  constructor(options: RedisLocksOptions) {
    this.#options = options
  }

  async acquire(request: LockRequest): Promise<LockAnswer> {
    const reply = await this.#options.runner.runOnLocks(lockScripts.acquire, this.#call(request))
    if (reply.token === undefined) return { kind: 'held', remainingMs: reply.remainingMs }
    return { kind: 'granted', token: BigInt(reply.token) }
  }

  renew(request: LockRequest): Promise<boolean> {
    return this.#options.runner.runOnLocks(lockScripts.renew, this.#call(request))
  }

  async release({ names, owner }: Pick<LockRequest, 'names' | 'owner'>): Promise<void> {
    const call = this.#call({ names, owner, ttlMs: 0 })
    await this.#options.runner.runOnLocks(lockScripts.release, call)
  }

  async remaining(name: string): Promise<number | undefined> {
    const { connection, runner } = this.#options
    const key = runner.names.lock(name)
    const [reply] = await connection.send(key, [['PTTL', key]])
    if (reply instanceof RedisError) throw errorOfReply(reply)
    const left = readReply.number(reply)
    return left < 0 ? undefined : left
  }

  #call({ names, owner, ttlMs }: LockRequest): StepCall<LockNames> {
    return {
      keys: {},
      args: { owner, ttlMs: scriptNumber.life(ttlMs) },
      items: names.map((name) => ({
        keys: { lock: this.#options.runner.names.lock(name) },
        args: { name },
      })),
    }
  }
}
