import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { SuspensionWatch } from './suspension-watch.ts'

describe('the watch for suspensions', () => {
  test('sees the wall clock jump ahead alone, and tells of each jump once', async () => {
    const clock = new FakeClock()
    const watch = new SuspensionWatch(clock)
    await clock.advance(60_000)
    expect(watch.look()).toBe(false)
    clock.setNow(clock.now() + 1_000)
    expect(watch.look()).toBe(false)
    clock.setNow(clock.now() + 1_001)
    expect([watch.look(), watch.look()]).toEqual([true, false])
  })

  test('does not mind a wall clock that is set back, and sees the next jump from there', () => {
    const clock = new FakeClock()
    const watch = new SuspensionWatch(clock)
    clock.setNow(clock.now() - 3_600_000)
    expect(watch.look()).toBe(false)
    clock.setNow(clock.now() + 2_000)
    expect(watch.look()).toBe(true)
  })
})
