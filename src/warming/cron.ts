/** Cron expressions as schedules. The only file of the package that needs `croner`. */

import { Cron } from 'croner'
import { ConfigError } from '../contracts/errors.ts'
import type { Schedule } from '../contracts/warming.ts'

/**
 * The times of a cron expression: minute, hour, day of the month, month, day of the week; with six
 * fields, seconds come first. Needs the package `croner` 10 or 11.
 *
 * `timeZone`: an IANA name such as `'Europe/Berlin'`; that of the process if not given. Where clocks
 * are put forward, a time that does not exist comes right after; where they are put back, a fixed hour
 * comes once.
 *
 * @example
 * ```ts
 * import { createCache } from 'tiercel'
 * import { cron } from 'tiercel/warming'
 *
 * await using cache = createCache({ name: 'shop' })
 * cache.collection('country', {
 *   source: { load: (code: string) => ({ code }) },
 *   warm: { schedule: { at: cron('0 * * * *', { timeZone: 'Europe/Berlin' }), from: 'cached' } },
 * })
 * ```
 *
 * @throws ConfigError for an expression or a time zone that makes no sense, or has no time at all.
 */
export function cron(expression: string, options: { readonly timeZone?: string } = {}): Schedule {
  const { timeZone } = options
  let times: Cron
  const next = (after: number): number | undefined => {
    // biome-ignore lint/style/noRestrictedGlobals: a moment made of a number reads no clock.
    return times.nextRun(new Date(after))?.getTime()
  }
  try {
    times = new Cron(expression, {
      paused: true,
      ...(timeZone === undefined ? {} : { timezone: timeZone }),
    })
    next(0)
  } catch (cause) {
    throw new ConfigError({
      field: 'cron',
      expected: 'a cron expression of 5 or 6 fields, and an IANA time zone if there is one',
      actual: timeZone === undefined ? expression : `${expression} in ${timeZone}`,
      cure: cause instanceof Error ? cause.message : String(cause),
    })
  }
  return { next }
}
