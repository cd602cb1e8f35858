import { UsageError } from './exit-code.ts'

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
}
/** `setTimeout` takes no more than 2^31 ms. */
const MOST_MS = 86_400_000

/** Milliseconds of `500`, `1s` or `1.5m`, above 0 and up to a day. @throws UsageError */
export function spanMs(option: string, text: string): number {
  const [, digits, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)?$/.exec(text) ?? []
  const ms = Math.ceil(Number(digits) * (UNITS[unit] ?? Number.NaN))
  if (ms > 0 && ms <= MOST_MS) return ms
  throw new UsageError(`Option --${option} is a time like 500ms, 2s or 5m, and not '${text}'`)
}
