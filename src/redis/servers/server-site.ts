/** One of several servers as `ServersLink` asks it: within a time of its own, and not while it is dead. */

import type { Clock } from '../../contracts/clock.ts'
import { TierError } from '../../contracts/errors.ts'
import { RedisError } from '../connection/redis-error.ts'
import type { RedisLink } from '../redis-link.ts'
import { ServerBreaker } from './server-breaker.ts'
import { ShardMovedError } from './shard-moved-error.ts'

/** For answers that have come while this process itself was busy: they are read before it is over. */
const LAST_CHANCE_MS = 25

export interface ServerSiteOptions {
  readonly name: string
  readonly link: RedisLink
  readonly clock: Clock
  readonly budgetMs: number
}

export class ServerSite {
  readonly name: string
  readonly link: RedisLink
  readonly #options: ServerSiteOptions
  readonly #breaker: ServerBreaker

  constructor(options: ServerSiteOptions) {
    this.name = options.name
    this.link = options.link
    this.#options = options
    this.#breaker = new ServerBreaker(options.clock)
  }

  /** @throws TierError at once while the server does not answer, or after the time it is given. */
  async ask<T>(run: (link: RedisLink) => Promise<T>): Promise<T> {
    if (!this.#breaker.admits()) {
      throw new TierError('redis', `Redis server \`${this.name}\` does not answer for now.`)
    }
    return await this.#observed(this.#within(run(this.link)))
  }

  /** Without either: by it a server that is back is found. */
  async follow<T>(run: (link: RedisLink) => Promise<T>): Promise<T> {
    return await this.#observed(run(this.link))
  }

  async #observed<T>(answer: Promise<T>): Promise<T> {
    try {
      const value = await answer
      this.#breaker.answered()
      return value
    } catch (error) {
      if (isAnswer(error)) this.#breaker.answered()
      else this.#breaker.failed()
      throw error
    }
  }

  #within<T>(answer: Promise<T>): Promise<T> {
    const { clock, budgetMs, name } = this.#options
    return new Promise((resolve, reject) => {
      const late = (): void =>
        reject(
          new TierError('redis', `Redis server \`${name}\` did not answer within ${budgetMs} ms.`),
        )
      let cancel = clock.schedule(budgetMs, () => {
        cancel = clock.schedule(LAST_CHANCE_MS, late)
      })
      answer.finally(() => cancel()).then(resolve, reject)
    })
  }
}

/** What a server refuses it has answered. */
function isAnswer(error: unknown): boolean {
  if (error instanceof ShardMovedError || !(error instanceof TierError)) return true
  return error.cause instanceof RedisError
}
