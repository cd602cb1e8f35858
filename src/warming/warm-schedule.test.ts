import { describe, expect, test } from 'vitest'
import type { WarmTarget } from '../contracts/warm-target.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { WarmSchedule } from './warm-schedule.ts'

const MINUTE = 60_000
const everyMinute = { next: (after: number) => (Math.floor(after / MINUTE) + 1) * MINUTE }

/** Instances that share the rights to ticks, as over a shared tier. */
function setup() {
  const clock = new FakeClock()
  const taken = new Map<string, number>()
  const scene = { down: false }
  const claim = async (name: string, ttlMs: number): Promise<boolean> => {
    if (scene.down) throw new Error('the tier is down')
    if ((taken.get(name) ?? 0) > clock.monotonic()) return false
    taken.set(name, clock.monotonic() + ttlMs)
    return true
  }
  const join = (runMs = 0, at = everyMinute) => {
    const controller = new AbortController()
    const ran: number[] = []
    const missed: number[] = []
    new WarmSchedule({
      clock,
      at,
      target: { claim } as WarmTarget,
      name: '0',
      signal: controller.signal,
      own: () => {},
      missed: (ticks) => missed.push(ticks),
      run: async () => {
        ran.push(clock.now() % (60 * MINUTE))
        if (runMs > 0) await new Promise<void>((resolve) => void clock.schedule(runMs, resolve))
      },
    })
    return { ran, missed, controller }
  }
  return { clock, scene, join }
}

describe('a schedule', () => {
  test('is carried out once a tick, by any of the instances', async () => {
    const { clock, join } = setup()
    const all = [join(), join(), join()]
    await clock.advance(10 * MINUTE)
    expect(all.flatMap(({ ran }) => ran)).toHaveLength(10)
    expect(all.flatMap(({ missed }) => missed)).toEqual([])
  })

  test('tells the ticks that came while the one before was still under way', async () => {
    const { clock, join } = setup()
    const { ran, missed } = join(2.5 * MINUTE)
    await clock.advance(6 * MINUTE + 10_000)
    expect(ran).toEqual([1, 4].map((minute) => minute * MINUTE))
    expect(missed).toEqual([1, 1, 1, 1])
  })

  test('leaves ticks that it has no time for to others, and tells none of these', async () => {
    const { clock, join } = setup()
    const busy = join(90_000)
    const free = join(0, { next: (after) => everyMinute.next(after - 1_000) + 1_000 })
    await clock.advance(4 * MINUTE + 10_000)
    expect(busy.ran.length + free.ran.length).toBeGreaterThanOrEqual(4)
    expect(free.missed).toEqual([])
  })

  test('tells a tick whose right could not be asked for', async () => {
    const { clock, scene, join } = setup()
    const { ran, missed } = join()
    scene.down = true
    await clock.advance(MINUTE)
    scene.down = false
    await clock.advance(MINUTE)
    expect(missed).toEqual([1])
    expect(ran).toHaveLength(1)
  })

  test('waits through wall clocks that are set back, and ends with its signal', async () => {
    const { clock, join } = setup()
    const { ran, controller } = join()
    await clock.advance(30_000)
    clock.setNow(clock.now() - 20_000)
    await clock.advance(30_000)
    expect(ran).toEqual([])
    await clock.advance(20_000)
    expect(ran).toHaveLength(1)
    controller.abort()
    expect(clock.timers).toBe(0)
  })

  test('without a next time is never carried out', async () => {
    const { clock, join } = setup()
    const { ran } = join(0, { next: () => undefined as never })
    await clock.advance(10 * MINUTE)
    expect(ran).toEqual([])
    expect(clock.timers).toBe(0)
  })
})
