import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { repeat } from './repeated-work.ts'

/** Work that takes `tookMs`, and when it began. Nothing is left to chance. */
function setup(tookMs: number) {
  const clock = new FakeClock()
  const stop = new AbortController()
  const began: number[] = []
  repeat({
    clock,
    random: { next: () => 0, id: () => '' },
    everyMs: 100,
    signal: stop.signal,
    own: () => {},
    work: () => {
      began.push(clock.monotonic())
      return new Promise((resolve) => clock.schedule(tookMs, resolve))
    },
  })
  return { clock, began, stop }
}

describe('repeated work', () => {
  test('begins at its interval, whatever it takes within it', async () => {
    const { clock, began, stop } = setup(40)
    await clock.advance(350)
    expect(began).toEqual([100, 200, 300])
    stop.abort()
    expect(clock.timers).toBe(0)
  })

  test('is never under way twice, and rests a little after it took too long', async () => {
    const { clock, began, stop } = setup(250)
    await clock.advance(700)
    expect(began).toEqual([100, 360, 620])
    stop.abort()
  })
})
