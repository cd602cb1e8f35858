/**
 * Follows the outbox of a PostgreSQL database: what other programs change there is invalidated in a
 * cache, as soon as it can be seen.
 *
 * A look at the outbox every `pollMs` is what it stands on; hints only make it look earlier. A row counts
 * as read once the shared tier has its invalidation, so whatever fails is repeated, which is harmless.
 */

import { ConfigError, TierError } from '../../contracts/errors.ts'
import { asking, type PostgresAsk, type PostgresLike } from '../postgres-like.ts'
import {
  type ChangedCache,
  type FollowOutboxOptions,
  type FollowPlan,
  type OutboxEvent,
  resolveFollow,
} from './follow-options.ts'
import {
  backoffMs,
  type FollowerPlatform,
  late,
  machineClock,
  machineRandom,
  within,
} from './follower-platform.ts'
import { codeOf, inWords, isClosed, telling } from './follower-words.ts'
import { OutboxHints } from './outbox-hints.ts'
import { type CollectionChange, changesOf } from './outbox-keys.ts'
import {
  keptPosition,
  type OutboxPosition,
  OutboxReader,
  presentPosition,
} from './outbox-reader.ts'
import { type OutboxStatements, outboxStatements } from './outbox-statements.ts'
import { keepUp, saveCursor } from './outbox-upkeep.ts'
import { Pause } from './pause.ts'

/** Follows until it is closed. */
export interface OutboxFollower extends AsyncDisposable {
  /**
   * Resolves when the outbox was read for the first time. Rejects where a person has to change something:
   * the table is not there, a collection is not declared. It is tried again all the same.
   */
  readonly ready: Promise<void>
  /** Looks now, and resolves when everything that could be seen by then is invalidated. @throws what failed */
  poll(): Promise<void>
  /** Ends following, and keeps the cursor. The cache and the driver stay open. Safe to call twice. */
  close(): Promise<void>
}

/** Between looks that hints have asked for: many commits at once are read together. */
const HINT_GAP_MS = 20
const UPKEEP_MS = 10_000
const RETRY = { leastMs: 250, mostMs: 5_000 }
const CLOSE_MS = 5_000
/** Hints are missing if so many looks have found rows, and none has told of any. */
const UNTOLD = 3
/**
 * Begins at once, in the background. Declare the collections first.
 *
 * `driver`: as for `postgresTable`, on the primary server.
 *
 * @throws ConfigError naming the option that cannot work.
 */
export function followOutbox(
  driver: PostgresLike,
  cache: ChangedCache,
  options: FollowOutboxOptions,
  platform: FollowerPlatform = {},
): OutboxFollower {
  return new Follower(driver, cache, { plan: resolveFollow(options), options, platform })
}

class Follower implements OutboxFollower {
  readonly ready: Promise<void>
  readonly #ready = Promise.withResolvers<void>()
  readonly #cache: ChangedCache
  readonly #plan: FollowPlan
  readonly #tell: (event: OutboxEvent) => void
  readonly #platform: Required<FollowerPlatform>
  readonly #statements: OutboxStatements
  readonly #ask: PostgresAsk
  readonly #hints: OutboxHints | undefined
  readonly #pause: Pause
  /** Not ended by hints: it is what keeps them apart. */
  readonly #gap: Pause
  #reader: OutboxReader | undefined
  #isFollowed = false
  /** How many looks have failed in a row. */
  #failures = 0
  #upkeepAt: number
  /** A hint has come since the last look began. */
  #hinted = false
  #untold = 0
  #waiting: PromiseWithResolvers<void>[] = []
  #closing: Promise<void> | undefined
  readonly #running: Promise<void>

  constructor(
    driver: PostgresLike,
    cache: ChangedCache,
    parts: {
      readonly plan: FollowPlan
      readonly options: FollowOutboxOptions
      readonly platform: FollowerPlatform
    },
  ) {
    const { plan } = parts
    const { clock = machineClock, random = machineRandom } = parts.platform
    this.ready = this.#ready.promise
    // Whoever does not ask for it hears of failures by events.
    this.ready.catch(() => {})
    this.#cache = cache
    this.#plan = plan
    this.#tell = telling(parts.options.onEvent)
    this.#platform = { clock, random }
    this.#statements = outboxStatements(plan.names)
    const ask = asking(driver)
    this.#ask = (text, params) =>
      within(clock, plan.queryTimeoutMs, ask(text, params), () => late(plan.queryTimeoutMs))
    this.#pause = new Pause(clock)
    this.#gap = new Pause(clock)
    this.#upkeepAt = clock.monotonic() + UPKEEP_MS * random.next()
    this.#hints =
      plan.listen &&
      new OutboxHints({
        ...this.#platform,
        listen: plan.listen,
        channel: plan.names.channel,
        hint: () => this.#hint(),
        failed: (error) => this.#tell({ type: 'failed', what: 'listen', error }),
      })
    this.#running = this.#run()
  }

  poll(): Promise<void> {
    if (this.#closing !== undefined) return Promise.reject(new Error('The follower is closed.'))
    const waiting = Promise.withResolvers<void>()
    this.#waiting.push(waiting)
    this.#wake()
    return waiting.promise
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    const { clock } = this.#platform
    this.#wake()
    const ended = Promise.all([this.#hints?.close(), this.#running])
    await within(clock, CLOSE_MS, ended, () => late(CLOSE_MS)).catch(() => {})
    const closed = new Error('The follower was closed before the outbox was read.')
    this.#ready.reject(closed)
    for (const one of this.#waiting.splice(0)) one.reject(closed)
    const horizon = this.#reader?.horizon
    if (horizon === undefined) return
    const { consumer } = this.#plan
    // Without it, what was read since the last time is read again.
    await saveCursor(this.#ask, this.#statements, { horizon, consumer }).catch(() => {})
  }

  #wake(): void {
    this.#pause.end()
    this.#gap.end()
  }

  #hint(): void {
    this.#hinted = true
    // Where looks fail, hints do not make them come faster.
    if (this.#failures === 0) this.#pause.end()
  }

  async #run(): Promise<void> {
    const { clock, random } = this.#platform
    while (this.#closing === undefined) {
      const began = clock.monotonic()
      const waiting = this.#waiting.splice(0)
      const hinted = this.#hinted
      this.#hinted = false
      try {
        const rows = await this.#look()
        this.#succeeded(rows, hinted)
        for (const one of waiting) one.resolve()
      } catch (error) {
        this.#failed(error)
        for (const one of waiting) one.reject(error)
        if (isClosed(error)) return void this.close()
      }
      await this.#keepUp()
      if (this.#closing !== undefined) return
      if (this.#failures > 0) {
        await this.#pause.take(backoffMs(this.#failures, RETRY, random))
        continue
      }
      if (!this.#hinted && this.#waiting.length === 0) await this.#pause.take(this.#plan.pollMs)
      const gap = HINT_GAP_MS - (clock.monotonic() - began)
      if (gap > 0 && this.#waiting.length === 0) await this.#gap.take(gap)
    }
  }

  /** Reads what there is and has it invalidated, page by page. Answers how many rows there were. */
  async #look(): Promise<number> {
    this.#reader ??= await this.#begin()
    let count = 0
    while (this.#closing === undefined) {
      const page = await this.#reader.read()
      if (page.kind === 'lost') {
        this.#reader = undefined
        this.#reader = await this.#beginAnew(page.reason)
        continue
      }
      const { collections } = this.#plan
      let keys = 0
      for (const change of changesOf(page.rows, collections)) {
        keys += change.keys?.length ?? 0
        await this.#invalidate(change.collection, change.keys)
      }
      this.#reader.confirm()
      count += page.rows.length
      if (page.rows.length > 0) this.#tell({ type: 'applied', rows: page.rows.length, keys })
      if (page.last) break
    }
    return count
  }

  async #begin(): Promise<OutboxReader> {
    const { consumer } = this.#plan
    const kept =
      consumer === undefined ? undefined : await keptPosition(this.#ask, this.#statements, consumer)
    if (kept === undefined) return await this.#beginAnew('unknown')
    return this.#readerFrom(kept)
  }

  /**
   * From now on, with nothing left of before. In this order: what changes while it is cleared is read, and
   * a cursor that is kept says that it was cleared.
   */
  async #beginAnew(reason: 'unknown' | 'pruned' | 'restored'): Promise<OutboxReader> {
    const { consumer, collections } = this.#plan
    if (reason === 'restored') {
      for (const statement of this.#statements.forgetFuture) await this.#ask(statement, [])
    }
    const now = await presentPosition(this.#ask, this.#statements)
    for (const collection of Object.keys(collections)) await this.#invalidate(collection, undefined)
    if (consumer !== undefined)
      await this.#ask(this.#statements.begin, [consumer, String(now.seen.xmin)])
    this.#tell({ type: 'cleared', reason })
    return this.#readerFrom(now)
  }

  #readerFrom(from: OutboxPosition): OutboxReader {
    const collections = Object.keys(this.#plan.collections)
    return new OutboxReader(this.#ask, { statements: this.#statements, collections, from })
  }

  async #invalidate(collection: string, keys: CollectionChange['keys']): Promise<void> {
    const event = keys === undefined ? ({ collection, all: true } as const) : { collection, keys }
    const { state } = await this.#cache.onExternalChange(event)
    if (state === 'done') return
    // The cache itself tries again, but would forget it if the process ended.
    throw new TierError('shared', 'The shared tier has not taken an invalidation yet.')
  }

  #succeeded(rows: number, hinted: boolean): void {
    if (this.#failures > 0 || !this.#isFollowed) this.#tell({ type: 'followed' })
    this.#isFollowed = true
    this.#failures = 0
    this.#ready.resolve()
    if (hinted) this.#untold = 0
    else if (rows > 0) this.#untold += 1
    if (this.#untold < UNTOLD) return
    this.#untold = 0
    this.#hints?.again()
  }

  #failed(error: unknown): void {
    this.#failures += 1
    const told = inWords(error, this.#plan.names)
    if (told instanceof ConfigError || codeOf(told) === 'argument') this.#ready.reject(told)
    this.#tell({ type: 'failed', what: 'poll', error: told })
  }

  async #keepUp(): Promise<void> {
    const { clock, random } = this.#platform
    const horizon = this.#reader?.horizon
    if (horizon === undefined || this.#failures > 0 || clock.monotonic() < this.#upkeepAt) return
    this.#upkeepAt = clock.monotonic() + UPKEEP_MS * (0.75 + random.next() / 2)
    try {
      await keepUp(this.#ask, this.#statements, { horizon, plan: this.#plan })
    } catch (error) {
      this.#tell({ type: 'failed', what: 'upkeep', error })
    }
  }
}
