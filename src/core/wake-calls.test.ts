import { expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { WakeCalls } from './wake-calls.ts'

function setup() {
  const clock = new FakeClock()
  const calls = new WakeCalls(clock)
  const woken: string[] = []
  const wait = (who: string, names: readonly string[], delayMs = 1_000): void =>
    void calls.wait(names, delayMs).then(() => woken.push(`${who} at ${clock.monotonic()}`))
  return { clock, calls, woken, wait }
}

test('a call wakes everyone who waits for the name, and nobody else', async () => {
  const { clock, calls, woken, wait } = setup()
  wait('one', ['a'])
  wait('two', ['a'])
  wait('three', ['b'])
  calls.call(['a'])
  await clock.settle()
  expect(woken).toEqual(['one at 0', 'two at 0'])
  await clock.advance(1_000)
  expect(woken.at(-1)).toBe('three at 1000')
})

test('who waits for several names is woken by any of them, once, and leaves no timer', async () => {
  const { clock, calls, woken, wait } = setup()
  wait('one', ['a', 'b', 'c'])
  calls.call(['b'])
  calls.call(['a', 'c'])
  await clock.settle()
  expect(woken).toEqual(['one at 0'])
  expect(clock.timers).toBe(0)
})

test('who is not called is woken by time', async () => {
  const { clock, woken, wait } = setup()
  wait('one', ['a'], 300)
  await clock.advance(299)
  expect(woken).toEqual([])
  await clock.advance(1)
  expect(woken).toEqual(['one at 300'])
})

test('who waits again while he is woken waits for the next call', async () => {
  const { clock, calls, woken, wait } = setup()
  void calls.wait(['a'], 1_000).then(() => wait('again', ['a']))
  calls.call(['a', 'nobody'])
  await clock.settle()
  expect(woken).toEqual([])
  calls.call(['a'])
  await clock.settle()
  expect(woken).toEqual(['again at 0'])
})
