/** The `Server-Timing` header (W3C, Server Timing): which tier answered, and in what time. */

import type { FastifyReply } from 'fastify'
import type { TierName } from 'tiercel'

export interface Timing {
  readonly tier: TierName
  readonly durationMs: number
}

const SLOWEST_FIRST: readonly TierName[] = ['source', 'shared', 'memory']

/**
 * Writes the metric `cache` for the whole answer. Where an answer is made of several parts, the
 * slowest tier that had to be asked stands for it, and each part has a metric of its own.
 */
export function setServerTiming(
  reply: FastifyReply,
  whole: Timing,
  parts: Readonly<Record<string, Timing>> = {},
): void {
  const metrics = Object.entries({ cache: whole, ...parts }).map(
    ([name, { tier, durationMs }]) => `${name};desc="${tier}";dur=${durationMs.toFixed(2)}`,
  )
  reply.header('server-timing', metrics.join(', '))
}

/** The tier that made the answer wait. */
export function slowestTier(tiers: readonly TierName[]): TierName {
  return SLOWEST_FIRST.find((tier) => tiers.includes(tier)) ?? 'memory'
}
