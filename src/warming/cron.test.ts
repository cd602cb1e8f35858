import { describe, expect, test } from 'vitest'
import { ConfigError } from '../contracts/errors.ts'
import { cron } from './cron.ts'

const at = (text: string): number => Date.parse(text)
const next = (
  expression: string,
  after: string,
  options?: { timeZone: string },
): string | undefined => {
  const moment = cron(expression, options).next(at(after))
  return moment === undefined ? undefined : new Date(moment).toISOString()
}
const berlin = { timeZone: 'Europe/Berlin' }

describe('a cron expression', () => {
  test('tells the first time after a moment, and not that moment', () => {
    expect(next('0 * * * *', '2030-01-01T00:00:00Z')).toBe('2030-01-01T01:00:00.000Z')
    expect(next('0 * * * *', '2029-12-31T23:59:59.999Z')).toBe('2030-01-01T00:00:00.000Z')
    expect(next('*/15 * * * * *', '2030-01-01T00:00:01Z')).toBe('2030-01-01T00:00:15.000Z')
  })

  test('goes by a time zone, over the change of its clocks', () => {
    expect(next('0 3 * * *', '2030-01-01T00:00:00Z', berlin)).toBe('2030-01-01T02:00:00.000Z')
    expect(next('0 3 * * *', '2030-07-01T00:00:00Z', berlin)).toBe('2030-07-01T01:00:00.000Z')
    // 31 March 2030: there is no half past two; it comes once all the same.
    const spring = next('30 2 * * *', '2030-03-30T12:00:00Z', berlin)
    expect(spring?.slice(0, 10)).toBe('2030-03-31')
    // 27 October 2030: half past two comes twice, and counts once.
    const autumn = next('30 2 * * *', '2030-10-26T12:00:00Z', berlin) ?? ''
    expect(autumn.slice(0, 10)).toBe('2030-10-27')
    expect(next('30 2 * * *', autumn, berlin)?.slice(0, 10)).toBe('2030-10-28')
  })

  test('that makes no sense is refused when it is given', () => {
    for (const wrong of ['', 'often', '61 * * * *', '* * *']) {
      expect(() => cron(wrong)).toThrow(ConfigError)
    }
    expect(() => cron('0 * * * *', { timeZone: 'Europe/Atlantis' })).toThrow(ConfigError)
  })

  test('that has no time any more ends its schedule', () => {
    expect(next('0 0 30 2 *', '2030-01-01T00:00:00Z')).toBeUndefined()
  })
})
