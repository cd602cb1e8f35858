import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/index.ts'
import { RequestAllowance } from './request-allowance.ts'

function setup() {
  const clock = new FakeClock()
  return { clock, allowance: new RequestAllowance(clock, { perSecond: 2, atOnce: 4 }) }
}

describe('an allowance', () => {
  test('is used up and comes back, and says when', async () => {
    const { clock, allowance } = setup()
    const taken = Array.from({ length: 6 }, () => allowance.take('10.0.0.1'))
    expect(taken).toEqual([0, 0, 0, 0, 500, 500])
    expect(allowance.look('10.0.0.1')).toBe(500)
    await clock.advance(500)
    expect([allowance.look('10.0.0.1'), allowance.take('10.0.0.1')]).toEqual([0, 0])
    expect(allowance.take('10.0.0.1')).toBe(500)
    await clock.advance(60_000)
    expect(Array.from({ length: 5 }, () => allowance.take('10.0.0.1')).at(-1)).toBe(500)
  })

  test.each([
    ['10.0.0.1', '10.0.0.2', false],
    ['10.0.0.1', '::ffff:10.0.0.1', true],
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['2001:db8::1', '2001:db8:0:0:1::1', true],
    ['::1', '::2', true],
    ['', '', true],
    [':::::', '1:2:3:4:5:6:7:8:9::1', false],
  ])('%s and %s share one: %s', (one, other, isShared) => {
    const { allowance } = setup()
    for (let n = 0; n < 4; n += 1) allowance.take(one)
    expect(allowance.look(other) > 0).toBe(isShared)
  })

  test('is remembered for a bounded number of addresses', () => {
    const { allowance } = setup()
    for (let n = 0; n < 4; n += 1) allowance.take('first')
    expect(allowance.look('first')).toBe(500)
    for (let n = 0; n < 10_000; n += 1) allowance.take(`address ${n}`)
    expect(allowance.look('first')).toBe(0)
  })
})
