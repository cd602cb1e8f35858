/** `'5m'` or a number of milliseconds, as everywhere in the package. */

import { ConfigError } from '../contracts/errors.ts'

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** Milliseconds. @throws ConfigError naming `field` */
export function readDuration(value: unknown, field: string): number {
  const parts = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) : null
  const ms = parts === null ? value : Number(parts[1]) * UNITS[parts[2] as keyof typeof UNITS]
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0) return ms
  throw new ConfigError({
    field,
    expected: "a duration of at least 0, as a number of milliseconds or text such as '5m'",
    actual: value,
  })
}
