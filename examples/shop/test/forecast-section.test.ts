import { describe, expect, test } from 'vitest'
import { forecastOf } from '../src/status/forecast.ts'
import { forecastSection } from '../src/status/forecast-section.ts'

const hour = Date.UTC(2026, 0, 5, 9)
const forecast = {
  startsAt: hour,
  on: true,
  expected: [{ key: 7, reads: 12.34 }],
  hours: 30,
  past: [
    {
      startsAt: hour - 3_600_000,
      forecast: { precision: 0.8, recall: 0.755 },
      lastHour: { precision: 0.5, recall: 0.25 },
    },
  ],
}

describe('the forecast', () => {
  test('is none where the collection cannot tell one, and the page says so', () => {
    expect(forecastOf({})).toBeUndefined()
    expect(forecastOf({ forecast: () => undefined })).toBeUndefined()
    expect(forecastSection(undefined)).toContain('No forecast yet.')
  })

  test('stands beside what came, and beside what was read the hour before', () => {
    const section = forecastSection(forecastOf({ forecast: () => forecast }))
    expect(section).toContain('2026-01-05 09:00</time> on')
    expect(section).toContain('<a href="/products/7">7</a> (12.3)')
    expect(section).toContain('The shop warms by it.')
    expect(section).toContain('30 hours were compared')
    expect(section).toContain('<td>80 %</td><td>76 %</td><td>50 %</td><td>25 %</td>')
  })

  test('that is switched off says why', () => {
    const off = { ...forecast, on: false, expected: [], past: [] }
    expect(forecastSection({ ...off, hours: 3 })).toContain('before 24 hours are known')
    const section = forecastSection(off)
    expect(section).toContain('no better than what was read last')
    expect(section).not.toContain('<table>')
  })
})
