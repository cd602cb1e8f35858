import { describe, expect, test } from 'vitest'
import { SystemClock } from './system-clock.ts'

describe('SystemClock', () => {
  test('tells the wall clock and one that never goes back', () => {
    const clock = new SystemClock()
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_000)
    const before = clock.monotonic()
    expect(clock.monotonic()).toBeGreaterThanOrEqual(before)
  })

  test('a task without delay runs when what is running has come to rest', async () => {
    const clock = new SystemClock()
    const order: string[] = []
    const done = new Promise<void>((resolve) =>
      clock.schedule(0, () => {
        order.push('task')
        resolve()
      }),
    )
    await Promise.resolve()
    order.push('microtask')
    await done
    expect(order).toEqual(['microtask', 'task'])
  })

  test('a deferred task runs after all that follows from what is running, before a turn of the loop', async () => {
    const clock = new SystemClock()
    const order: string[] = []
    const turn = new Promise<void>((resolve) => setImmediate(resolve)).then(() =>
      order.push('turn'),
    )
    clock.defer(() => order.push('deferred'))
    order.push('running')
    await Promise.resolve()
    await Promise.resolve()
    await Promise.resolve()
    order.push('continuation')
    await turn
    expect(order).toEqual(['running', 'continuation', 'deferred', 'turn'])
  })

  test('a task with a delay runs after it, a cancelled one does not', async () => {
    const clock = new SystemClock()
    const ran: string[] = []
    clock.schedule(1, () => ran.push('cancelled'))()
    clock.schedule(0, () => ran.push('cancelled at once'))()
    const before = clock.monotonic()
    // The pending task alone would not keep this process alive; the test runner does.
    await new Promise<void>((resolve) => clock.schedule(5, resolve))
    expect(clock.monotonic() - before).toBeGreaterThan(3)
    expect(ran).toEqual([])
  })

  test('a delay beyond what timers can count neither runs at once nor holds the process', () => {
    const clock = new SystemClock()
    const ran: string[] = []
    const cancels = [2 ** 31, 2 ** 40, Number.POSITIVE_INFINITY].map((delayMs) =>
      clock.schedule(delayMs, () => ran.push('ran')),
    )
    for (const cancel of cancels) cancel()
    expect(ran).toEqual([])
  })
})
