/** How long entries stay without being read, as declared for a cache or a collection (X4). */

import { ConfigError } from '../contracts/errors.ts'
import type { IdleOptions } from '../contracts/options.ts'
import { DEFAULTS } from './defaults.ts'
import { durationMs, refuseOption } from './field-check.ts'

export interface ResolvedIdle {
  /** An entry stays at least so long after it was read. */
  readonly afterMs: number
  /** Between two clean-ups. */
  readonly everyMs: number
  /** A read is noted unless another was within this time: an entry leaves so much later at most. */
  readonly noteEveryMs: number
}

/** Reads of an entry that are noted while it may be idle, at most. */
const NOTES = 60
const MOST_NOTE_EVERY_MS = 43_200_000
const LEAST_AFTER_MS = 60_000
/** `setTimeout` takes no more than 2^31 ms. */
const MOST_EVERY_MS = 20 * 86_400_000

/** @throws ConfigError */
export function resolveIdle(
  options: IdleOptions | 'off' | undefined,
  base: ResolvedIdle | undefined,
  field: string,
): ResolvedIdle | undefined {
  if (options === undefined) return base
  if (options === 'off') return undefined
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError({ field, expected: "an object, or 'off'", actual: options })
  }
  const span = (name: keyof IdleOptions, least: number, most: number): number => {
    const inherited = base?.[`${name}Ms`] ?? DEFAULTS.cleanUp[name]
    const given = options[name] === undefined ? inherited : options[name]
    const ms = durationMs(given, { field: `${field}.${name}`, refuse: refuseOption })
    if (ms >= least && ms <= most) return ms
    throw new ConfigError({
      field: `${field}.${name}`,
      expected: `from ${least} to ${most} milliseconds`,
      actual: given,
    })
  }
  const afterMs = span('after', LEAST_AFTER_MS, Number.MAX_SAFE_INTEGER)
  const everyMs = span('every', 1_000, MOST_EVERY_MS)
  const noteEveryMs = Math.min(MOST_NOTE_EVERY_MS, Math.floor(afterMs / NOTES))
  return { afterMs, everyMs, noteEveryMs }
}
