/** Dates of HTTP fields, RFC 9110, section 5.6.7: strictly, since what is unclear must not count as fresh. */

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec'
const IMF = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/
const RFC850 = /^[A-Z][a-z]{5,8}, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT$/
const ASCTIME = /^[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})$/

/** Epoch milliseconds; `undefined` for whatever is not one date in one of the three forms. */
export function readHttpDate(text: string | null, now: number): number | undefined {
  if (text === null) return undefined
  const imf = IMF.exec(text)
  if (imf !== null) return moment([imf[3], imf[2], imf[1], imf[4], imf[5], imf[6]])
  const old = RFC850.exec(text)
  if (old !== null) return moment([fullYear(Number(old[3]), now), old[2], old[1], ...old.slice(4)])
  const c = ASCTIME.exec(text)
  return c === null ? undefined : moment([c[6], c[1], c[2], c[3], c[4], c[5]])
}

export function writeHttpDate(at: number): string {
  return new Date(at).toUTCString()
}

/** Two digits that would be more than 50 years ahead are of the past. */
function fullYear(digits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear()
  const year = thisYear - (thisYear % 100) + digits
  return year > thisYear + 50 ? year - 100 : year
}

function moment(parts: readonly (string | number | undefined)[]): number | undefined {
  const [year, name, day, hour, minute, second] = parts
  const month = MONTHS.indexOf(String(name)) / 3
  if (!Number.isInteger(month) || month < 0) return undefined
  const numbers = [Number(day), Number(hour), Number(minute), Number(second)] as const
  if (numbers[1] > 23 || numbers[2] > 59 || numbers[3] > 60) return undefined
  const at = Date.UTC(Number(year), month, ...numbers)
  return new Date(at).getUTCDate() === numbers[0] || numbers[3] === 60 ? at : undefined
}
