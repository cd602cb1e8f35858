/** How long one value lives, worked out when it is known: jitter, absolute end and grace together. */

import type { Clock } from '../contracts/clock.ts'
import type { Random } from '../contracts/random.ts'
import { negativeTtlMs, type ResolvedEntryOptions } from './resolve-entry-options.ts'

export interface EntryLife {
  /** `Infinity`: no end. Above 0. */
  readonly ttlMs: number
  readonly graceMs: number
  /** Absolute end, epoch milliseconds; `Infinity`: none. */
  readonly expiresAt: number
}

export interface LifeQuestion {
  readonly options: ResolvedEntryOptions
  /** `true`: of "not found". */
  readonly absent: boolean
  readonly clock: Clock
  readonly random: Random
}

/** `undefined`: the value is not to be cached, since its life would be over or is switched off. */
export function entryLife({ options, absent, clock, random }: LifeQuestion): EntryLife | undefined {
  const granted = absent ? negativeTtlMs(options) : options.ttlMs
  // Only ever shortened, so that the declared life stays a bound that can be relied on.
  const jittered =
    granted === Number.POSITIVE_INFINITY
      ? granted
      : Math.ceil(granted * (1 - options.jitter * random.next()))
  const ttlMs = Math.min(jittered, options.expiresAt - clock.now())
  if (ttlMs <= 0) return undefined
  return { ttlMs, graceMs: absent ? 0 : options.graceMs, expiresAt: options.expiresAt }
}
