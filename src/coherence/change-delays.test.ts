import { describe, expect, test } from 'vitest'
import { ChangeDelays, ServerTime } from './change-delays.ts'

describe('ChangeDelays', () => {
  test('none was heard of', () => {
    expect(new ChangeDelays().percentiles).toBeUndefined()
  })

  test('percentiles are of the last thousand', () => {
    const delays = new ChangeDelays()
    for (let ms = 1; ms <= 100; ms += 1) delays.add(ms)
    expect(delays.percentiles).toEqual({ p50Ms: 50, p99Ms: 99 })
    for (let count = 0; count < 1_000; count += 1) delays.add(7)
    expect(delays.percentiles).toEqual({ p50Ms: 7, p99Ms: 7 })
  })

  test('a clock that was set back makes no delay negative', () => {
    const delays = new ChangeDelays()
    delays.add(-40)
    expect(delays.percentiles).toEqual({ p50Ms: 0, p99Ms: 0 })
  })
})

describe('ServerTime', () => {
  test('nothing is known before the server has answered', () => {
    expect(new ServerTime().since(1_000, 5)).toBeUndefined()
  })

  test('counts from when the server was asked, which was before it looked at its clock', () => {
    const time = new ServerTime()
    time.note(90_000, 500)
    time.note(100_000, 2_000)
    expect(time.since(100_030, 2_035)).toBe(5)
    expect(time.since(99_000, 2_000)).toBe(1_000)
  })

  test('nothing is known of a clock that was not looked at for long, or may be another', () => {
    const time = new ServerTime()
    time.note(100_000, 2_000)
    expect(time.since(104_000, 7_000)).toBe(1_000)
    expect(time.since(104_000, 7_001)).toBeUndefined()
    time.note(105_001, 7_001)
    time.forget()
    expect(time.since(105_000, 7_001)).toBeUndefined()
  })
})
