import { expect, test } from 'vitest'
import { FakeClock } from '../../testing/fake-clock.ts'
import { ServerBreaker } from './server-breaker.ts'

function setup() {
  const clock = new FakeClock()
  const breaker = new ServerBreaker(clock)
  const fail = (times: number): void => {
    for (let time = 0; time < times; time += 1) breaker.failed()
  }
  return { clock, breaker, fail }
}

test('a server is asked until it has failed three times in a row', () => {
  const { breaker, fail } = setup()
  fail(2)
  expect(breaker.admits()).toBe(true)
  breaker.answered()
  fail(2)
  expect(breaker.admits()).toBe(true)
  fail(1)
  expect(breaker.admits()).toBe(false)
})

test('one step goes through in each rest, and its failure opens nothing', async () => {
  const { clock, breaker, fail } = setup()
  fail(3)
  await clock.advance(1_000)
  expect(breaker.admits()).toBe(true)
  expect(breaker.admits()).toBe(false)
  fail(1)
  expect(breaker.admits()).toBe(false)
  await clock.advance(1_000)
  expect(breaker.admits()).toBe(true)
})

test('any answer opens it for all', () => {
  const { breaker, fail } = setup()
  fail(5)
  breaker.answered()
  expect(breaker.admits()).toBe(true)
  expect(breaker.admits()).toBe(true)
})
