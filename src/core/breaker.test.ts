import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { Breaker } from './breaker.ts'

/** Opens at the third failure; chance draws the middle, so that rests are as long as declared. */
function setup({ chance = 0.5 } = {}) {
  const clock = new FakeClock()
  const states: string[] = []
  const breaker = new Breaker({
    clock,
    random: { next: () => chance, id: () => 'id' },
    failures: 3,
    restMs: 100,
    mostRestMs: 300,
    onChange: (state) => states.push(state),
  })
  const fail = (times: number): void => {
    for (let time = 0; time < times; time += 1) breaker.failed()
  }
  return { clock, states, breaker, fail }
}

describe('a closed breaker', () => {
  test('opens at the last of so many failures in a row, and tells it once', () => {
    const { breaker, fail, states } = setup()
    fail(2)
    expect(breaker.admits()).toBe(true)
    fail(1)
    expect([breaker.state, breaker.admits()]).toEqual(['open', false])
    fail(1)
    expect(states).toEqual(['open'])
  })

  test('counts failures in a row alone: a success between them begins anew', () => {
    const { breaker, fail, states } = setup()
    fail(2)
    breaker.succeeded()
    fail(2)
    breaker.abandoned()
    expect([breaker.state, breaker.admits()]).toEqual(['closed', true])
    expect(states).toEqual([])
  })
})

describe('an open breaker', () => {
  test('lets one probe through after its rest, and nobody beside it', async () => {
    const { breaker, fail, states, clock } = setup()
    fail(3)
    await clock.advance(99)
    expect(breaker.admits()).toBe(false)
    await clock.advance(1)
    expect([breaker.admits(), breaker.admits()]).toEqual([true, false])
    expect(states).toEqual(['open', 'half-open'])
  })

  test('closes when the probe succeeds, and takes all its failures again to open', async () => {
    const { breaker, fail, states, clock } = setup()
    fail(3)
    await clock.advance(100)
    breaker.admits()
    breaker.succeeded()
    expect(states).toEqual(['open', 'half-open', 'closed'])
    fail(2)
    expect(breaker.admits()).toBe(true)
  })

  test('closes at any success, also without a probe', () => {
    const { breaker, fail } = setup()
    fail(3)
    breaker.succeeded()
    expect([breaker.state, breaker.admits()]).toEqual(['closed', true])
  })

  test('rests twice as long after each probe that fails, up to the longest rest', async () => {
    const { breaker, fail, clock } = setup()
    fail(3)
    for (const restMs of [100, 200, 300, 300]) {
      await clock.advance(restMs - 1)
      expect(breaker.admits()).toBe(false)
      await clock.advance(1)
      expect(breaker.admits()).toBe(true)
      breaker.failed()
    }
  })

  test('rests as long as at first once it has been closed', async () => {
    const { breaker, fail, clock } = setup()
    fail(3)
    await clock.advance(100)
    breaker.admits()
    fail(1)
    breaker.succeeded()
    fail(3)
    await clock.advance(100)
    expect(breaker.admits()).toBe(true)
  })

  test.each([
    [0, 75],
    [0.999_999, 125],
  ])('rests for a time that chance %f varies to %i ms', async (chance, restMs) => {
    const { breaker, fail, clock } = setup({ chance })
    fail(3)
    await clock.advance(restMs - 1)
    expect(breaker.admits()).toBe(false)
    await clock.advance(1)
    expect(breaker.admits()).toBe(true)
  })
})

describe('a half-open breaker', () => {
  test('whose probe ended without a word rests again, no longer than before', async () => {
    const { breaker, fail, states, clock } = setup()
    fail(3)
    await clock.advance(100)
    breaker.admits()
    breaker.abandoned()
    expect(states).toEqual(['open', 'half-open', 'open'])
    await clock.advance(99)
    expect(breaker.admits()).toBe(false)
    await clock.advance(1)
    expect(breaker.admits()).toBe(true)
  })

  test('whose probe never ends lets another through after the longest rest', async () => {
    const { breaker, fail, states, clock } = setup()
    fail(3)
    await clock.advance(100)
    breaker.admits()
    await clock.advance(299)
    expect(breaker.admits()).toBe(false)
    await clock.advance(1)
    expect(breaker.admits()).toBe(true)
    expect(states).toEqual(['open', 'half-open'])
  })
})
