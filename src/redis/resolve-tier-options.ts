/** What a user may say about the Redis tier, checked, with the defaults in place. */

import { ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { Durability } from '../contracts/pending-steps.ts'
import { checkDurability } from './durability-level.ts'

export interface RedisTierOptions {
  /**
   * Into how many parts the cache is split, from 1 to 256. Each has numbers of its own and, on a
   * cluster or over several servers, a place of its own. The same in all processes, and for as long as
   * the entries live: who means to spread them over more servers one day chooses for that day.
   * @default 1 on one server, 16 on a cluster or several servers
   */
  readonly shards?: number
  /** What counts as full where the server's `maxmemory` is 0: for usage and alerts only. */
  readonly maxBytes?: number
  /**
   * What a write that waits for the source is to survive at least, before it is acknowledged. A server
   * whose settings reach less is a ConfigError when the session opens. `replicated(2)`: so many replicas
   * have it, asked by `WAIT` over a connection of its own; name as many as there are, since a failover
   * may promote any of them. On one server or a cluster.
   * @default what the server's settings reach
   */
  readonly durability?: Durability
  /**
   * Each change also as an entry of a stream, for people and other programs; the cache itself never
   * reads it. On a cluster there is one a shard, under its hash tag. `maxLength` is approximate, and
   * 1,000 unless said otherwise.
   * @default 'off'
   */
  readonly events?: { readonly stream: string; readonly maxLength?: number } | 'off'
}

export interface ResolvedTierOptions {
  readonly shards: number
  readonly maxBytes: number | undefined
  readonly durability: Durability | undefined
  readonly events: { readonly stream: string; readonly maxLength: number } | undefined
}

/**
 * Each shard is followed by each process, and is one more script for each batch and each tag: on one
 * server, which runs one script at a time, more of them spread nothing.
 */
const DEFAULT_SHARDS = { 'one server': 1, spread: 16 } as const
const MAX_SHARDS = 256
const DEFAULT_MAX_LENGTH = 1_000

/** @throws ConfigError */
export function resolveTierOptions(
  options: RedisTierOptions,
  layout: keyof typeof DEFAULT_SHARDS,
): ResolvedTierOptions {
  const { shards = DEFAULT_SHARDS[layout], maxBytes, durability, events = 'off' } = options
  return {
    shards: whole('shards', shards, { least: 1, most: MAX_SHARDS }),
    maxBytes: maxBytes === undefined ? undefined : whole('maxBytes', maxBytes, { least: 1 }),
    durability: durability === undefined ? undefined : checkDurability(durability),
    events: events === 'off' ? undefined : resolveEvents(events),
  }
}

const EVENTS: Known<Exclude<NonNullable<RedisTierOptions['events']>, string>> = {
  stream: true,
  maxLength: true,
}

function resolveEvents(events: unknown): ResolvedTierOptions['events'] {
  if (typeof events !== 'object' || events === null) {
    throw new ConfigError({
      field: 'events',
      expected: "`'off'` or an object with `stream`",
      actual: events,
    })
  }
  checkKnown(events, EVENTS, { path: 'events.' })
  const { stream, maxLength = DEFAULT_MAX_LENGTH } = events as Record<string, unknown>
  if (typeof stream !== 'string' || stream === '') {
    throw new ConfigError({ field: 'events.stream', expected: 'the name of a key', actual: stream })
  }
  return { stream, maxLength: whole('events.maxLength', maxLength, { least: 1 }) }
}

function whole(
  field: string,
  value: unknown,
  { least, most }: { readonly least: number; readonly most?: number },
): number {
  const isWhole = Number.isSafeInteger(value) && (value as number) >= least
  if (isWhole && (most === undefined || (value as number) <= most)) return value as number
  const range = most === undefined ? `from ${least}` : `from ${least} to ${most}`
  throw new ConfigError({ field, expected: `a whole number ${range}`, actual: value })
}
