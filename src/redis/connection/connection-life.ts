/**
 * One connection from its opening to its end, which comes once: by the server, by silence, or by
 * `end`. Kept by `NodeLink`, which opens the next.
 *
 * Drivers do not bound how long a server may be silent (one that was stopped still takes what is
 * written), so each life watches that something comes back.
 */

import type { Clock } from '../../contracts/clock.ts'
import { TierError } from '../../contracts/errors.ts'
import { describeFault } from './describe-fault.ts'
import { isMissingRight } from './missing-right.ts'
import { CONNECT_MS, type NodeClient, type ReplySink } from './node-client.ts'
import type { RedisCommand, RedisReply } from './redis-connection.ts'
import { RedisError } from './redis-error.ts'

/** Without any reply for this long while something is asked, the server is taken for gone. */
const SILENCE_MS = 1000
/** For replies that have come while this process itself was busy: they are read before it is over. */
const LAST_CHANCE_MS = 25
/** Batches without their replies; beyond it the server is behind by seconds already. */
const MAX_BATCHES = 10_000

export interface LifeOptions {
  /** For messages. */
  readonly name: string
  readonly clock: Clock
  readonly openMs: number
  readonly open: () => Promise<NodeClient>
  /** Looks at the server before it is used. Answers in words why it is of no use, if it is not. */
  readonly greet: (life: ConnectionLife) => Promise<string | undefined>
  readonly onReady: () => void
  readonly onEnd: (fault: string) => void
}

interface Batch {
  replies: RedisReply[]
  left: number
  resolve: (replies: readonly RedisReply[]) => void
  reject: (error: TierError) => void
}

export class ConnectionLife {
  readonly #options: LifeOptions
  readonly #batches = new Set<Batch>()
  #client: NodeClient | undefined
  #fault: string | undefined
  #unanswered = 0
  #heardAt = 0
  #suspected = false
  #cancelWatch: (() => void) | undefined
  #cancelDeadline: (() => void) | undefined

  constructor(options: LifeOptions) {
    this.#options = options
  }

  /** Ends in `onReady` or in `onEnd`. */
  begin(): void {
    this.#begin().catch((error: unknown) => this.end(describeFault(error)))
  }

  async #begin(): Promise<void> {
    const { open, openMs, greet, onReady } = this.#options
    this.#allow(openMs)
    const client = await open()
    this.#client = client
    client.onEnd((fault) => this.end(fault))
    if (this.#fault !== undefined) {
      client.destroy()
      return
    }
    await client.connect()
    if (this.#fault !== undefined) return
    this.#allow(CONNECT_MS)
    const problem = await greet(this)
    if (problem !== undefined) this.end(problem)
    this.#cancelDeadline?.()
    if (this.#fault === undefined) onReady()
  }

  #allow(ms: number): void {
    this.#cancelDeadline?.()
    const late = (): void => this.end(`there was no answer within ${ms} ms`)
    this.#cancelDeadline = this.#options.clock.schedule(ms, late, 'upkeep')
  }

  /** @throws TierError if the life has ended, or ends before the last reply. */
  send(commands: readonly RedisCommand[]): Promise<readonly RedisReply[]> {
    const client = this.#client
    if (client === undefined || this.#fault !== undefined) {
      return Promise.reject(this.#unsent(this.#fault ?? 'it is being connected to'))
    }
    if (this.#batches.size >= MAX_BATCHES) {
      return Promise.reject(this.#unsent(`${MAX_BATCHES} requests wait for their replies already`))
    }
    if (commands.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const replies = new Array<RedisReply>(commands.length).fill(null)
      const batch: Batch = { replies, left: commands.length, resolve, reject }
      this.#batches.add(batch)
      if (this.#unanswered === 0) this.#heard()
      this.#unanswered += commands.length
      if (this.#cancelWatch === undefined) this.#watch(SILENCE_MS)
      client.send(commands, this.#sinkOf(batch))
    })
  }

  /**
   * Any other failure than a missing right ends the life, so that the next one asks again.
   *
   * @throws RedisError if the server refuses.
   */
  async subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    if (this.#client === undefined) throw this.#unsent('it is being connected to')
    try {
      await this.#client.subscribe(channel, listener)
    } catch (error) {
      if (!isMissingRight(error)) this.end(describeFault(error))
      throw error
    }
  }

  end(fault: string): void {
    if (this.#fault !== undefined) return
    this.#fault = fault
    this.#cancelWatch?.()
    this.#cancelDeadline?.()
    this.#client?.destroy()
    for (const { reject } of this.#batches) reject(this.#lost(fault))
    this.#batches.clear()
    this.#options.onEnd(fault)
  }

  #sinkOf(batch: Batch): ReplySink {
    return {
      reply: (index, reply) => this.#take(batch, index, reply),
      fault: (fault) => this.end(fault),
    }
  }

  #take(batch: Batch, index: number, reply: RedisReply): void {
    if (this.#fault !== undefined) return
    this.#heard()
    this.#unanswered -= 1
    batch.replies[index] = reply
    batch.left -= 1
    if (batch.left > 0) return
    const { replies, resolve } = batch
    this.#batches.delete(batch)
    // A table that the set has outgrown refers to it until the next full collection of garbage.
    batch.replies = []
    batch.resolve = batch.reject = NOBODY
    resolve(replies)
    // Another server is the master now: the next connection is made to that one.
    if (replies.some(isReadOnly)) this.end('the server has become a replica')
  }

  #heard(): void {
    this.#heardAt = this.#options.clock.monotonic()
    this.#suspected = false
  }

  #watch(delayMs: number): void {
    this.#cancelWatch = this.#options.clock.schedule(delayMs, () => this.#look(), 'upkeep')
  }

  #look(): void {
    this.#cancelWatch = undefined
    if (this.#unanswered === 0) return
    const silentMs = this.#options.clock.monotonic() - this.#heardAt
    if (silentMs < SILENCE_MS) {
      this.#watch(SILENCE_MS - silentMs)
    } else if (this.#suspected) {
      this.end(`nothing was heard for ${SILENCE_MS} ms`)
    } else {
      this.#suspected = true
      this.#watch(LAST_CHANCE_MS)
    }
  }

  #unsent(why: string): TierError {
    return new TierError('redis', `Nothing was sent to Redis at ${this.#options.name}: ${why}.`)
  }

  #lost(why: string): TierError {
    return new TierError(
      'redis',
      `The connection to Redis at ${this.#options.name} was lost before the reply: ${why}. What was sent may have been carried out.`,
    )
  }
}

const NOBODY = (): void => {}

function isReadOnly(reply: RedisReply): boolean {
  return reply instanceof RedisError && reply.code === 'READONLY'
}
