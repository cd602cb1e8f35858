/** What a follower is told, checked. */

import type { Cache } from '../../contracts/cache.ts'
import { ConfigError } from '../../contracts/errors.ts'
import { checkKnown, type Known } from '../../contracts/known-options.ts'
import type { PostgresListen } from './outbox-hints.ts'
import { checkCollections, type OutboxKeys } from './outbox-keys.ts'
import { type OutboxNames, outboxNames } from './outbox-names.ts'

export interface FollowOutboxOptions {
  /**
   * The collections whose changes are followed, each with what its keys are: `{ product: 'number' }`.
   * Changes of others are left alone.
   */
  readonly collections: Readonly<Record<string, OutboxKeys>>
  /** As it was given to the SQL. @default tiercel_outbox */
  readonly outbox?: string | undefined
  /**
   * For a cache with a shared tier: the name under which the database remembers how far its changes were
   * followed, one for all processes of the cache. Without one nothing is remembered, and following begins
   * with everything of these collections being invalidated.
   * @default none
   */
  readonly consumer?: string | undefined
  /** Hears of changes at once; without it they are found by looking. @default none */
  readonly listen?: PostgresListen | undefined
  /** Milliseconds between two looks, where no hint comes. @default 1000 */
  readonly pollMs?: number | undefined
  /** How long rows are kept after every consumer has seen them, in milliseconds. @default 300000 */
  readonly keepMs?: number | undefined
  /** After how many milliseconds a consumer that does not come is not waited for. @default 86400000 */
  readonly forgetAfterMs?: number | undefined
  /** Milliseconds that one statement may take. @default 10000 */
  readonly queryTimeoutMs?: number | undefined
  /** @default the first failure of several is a warning of the process */
  readonly onEvent?: ((event: OutboxEvent) => void) | undefined
}

/** What a follower tells. Closed set; a new member is a minor release. */
export type OutboxEvent =
  /** Rows were read and what they say was invalidated. */
  | { readonly type: 'applied'; readonly rows: number; readonly keys: number }
  /**
   * Everything of the collections was invalidated: nobody knows what this consumer has missed (`unknown`),
   * rows were deleted that it had not read (`pruned`), or the database has crashed, was restored, or is
   * another than before (`restored`).
   */
  | { readonly type: 'cleared'; readonly reason: 'unknown' | 'pruned' | 'restored' }
  /** The first look that has succeeded, at first or after failures. */
  | { readonly type: 'followed' }
  /** `what`: a look at the outbox, its upkeep, or the connection for hints. It is tried again. */
  | {
      readonly type: 'failed'
      readonly what: 'poll' | 'upkeep' | 'listen'
      readonly error: unknown
    }

/** What a follower needs of a cache. */
export type ChangedCache = Pick<Cache, 'onExternalChange'>

export interface FollowPlan {
  readonly names: OutboxNames
  readonly collections: Readonly<Record<string, OutboxKeys>>
  readonly consumer: string | undefined
  readonly listen: PostgresListen | undefined
  readonly pollMs: number
  readonly keepMs: number
  readonly forgetAfterMs: number
  readonly queryTimeoutMs: number
}

const MAX_MS = 30 * 86_400_000
const MAX_POLL_MS = 60_000
const CONSUMER = /^[A-Za-z0-9._:-]{1,128}$/

const OPTIONS: Known<FollowOutboxOptions> = {
  collections: true,
  outbox: true,
  consumer: true,
  listen: true,
  pollMs: true,
  keepMs: true,
  forgetAfterMs: true,
  queryTimeoutMs: true,
  onEvent: true,
}

/** @throws ConfigError naming the option that cannot work. */
export function resolveFollow(options: FollowOutboxOptions): FollowPlan {
  checkKnown(options, OPTIONS)
  const { consumer, listen } = options
  checkCollections(options.collections)
  if (consumer !== undefined && !(typeof consumer === 'string' && CONSUMER.test(consumer))) {
    const expected = '1 to 128 letters, digits, `.`, `_`, `:` and `-`'
    throw new ConfigError({ field: 'consumer', expected, actual: consumer })
  }
  const listens = typeof listen === 'function' || typeof listen?.listen === 'function'
  if (listen !== undefined && !listens) {
    const expected = '`sql` of postgres.js, or a function that connects a client of `pg`'
    throw new ConfigError({ field: 'listen', expected, actual: listen })
  }
  return {
    names: outboxNames(options.outbox),
    collections: options.collections,
    consumer,
    listen,
    pollMs: millisecondsOf('pollMs', options.pollMs ?? 1_000, MAX_POLL_MS),
    keepMs: millisecondsOf('keepMs', options.keepMs ?? 300_000, MAX_MS),
    forgetAfterMs: millisecondsOf('forgetAfterMs', options.forgetAfterMs ?? 86_400_000, MAX_MS),
    queryTimeoutMs: millisecondsOf('queryTimeoutMs', options.queryTimeoutMs ?? 10_000, MAX_MS),
  }
}

function millisecondsOf(field: string, value: number, most: number): number {
  if (typeof value === 'number' && value >= 1 && value <= most) return value
  throw new ConfigError({ field, expected: `milliseconds from 1 to ${most}`, actual: value })
}
