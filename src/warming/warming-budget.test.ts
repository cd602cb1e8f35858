import { describe, expect, test } from 'vitest'
import type { SourceCall } from '../contracts/warm-target.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SourcePace } from './source-pace.ts'
import { WarmingBudget } from './warming-budget.ts'

/** A source whose business is what the test says. */
function sourceOn(clock: FakeClock) {
  const scene = { limit: 10, foreground: 0, waiting: 0 }
  let listener = (_call: SourceCall): void => {}
  const pressure = {
    get limit() {
      return scene.limit
    },
    get foreground() {
      return scene.foreground
    },
    get waiting() {
      return scene.waiting
    },
    listen: (heard: (call: SourceCall) => void) => {
      listener = heard
    },
  }
  const pace = new SourcePace({ clock, pressure, yieldAt: 0.5, restAt: 2 })
  const called = (durationMs: number, failed = false, keys = 1): void =>
    listener({ keys, durationMs, failed })
  return { scene, pace, called }
}

function setup(options: { concurrency?: number; perSecond?: number } = {}) {
  const clock = new FakeClock()
  const budget = new WarmingBudget({ clock, concurrency: 2, perSecond: 1_000, ...options })
  const controller = new AbortController()
  const begun: string[] = []
  const { signal } = controller
  const turn = async (name: string, pace: SourcePace, keys = 1): Promise<() => void> => {
    const end = await budget.turn(pace, keys, signal)
    begun.push(name)
    return end
  }
  return { clock, budget, controller, begun, turn, source: () => sourceOn(clock) }
}

describe('the budget of all warming', () => {
  test('lets so many batches in at once, of all sources together, in the order they came', async () => {
    const { clock, begun, turn, source } = setup()
    const [one, other] = [source().pace, source().pace]
    const turns = [turn('a', one), turn('b', other), turn('c', one), turn('d', other)]
    await clock.settle()
    expect(begun).toEqual(['a', 'b'])
    const [first, second] = await Promise.all(turns.slice(0, 2))
    second?.()
    await clock.settle()
    expect(begun).toEqual(['a', 'b', 'c'])
    first?.()
    await clock.settle()
    expect(begun).toEqual(['a', 'b', 'c', 'd'])
  })

  test('lets no more keys through in a second than it is given', async () => {
    const { clock, budget, controller, source } = setup({ concurrency: 10 })
    const { pace } = source()
    let keys = 0
    const run = async (): Promise<void> => {
      for (;;) {
        const end = await budget.turn(pace, 50, controller.signal)
        keys += 50
        end()
      }
    }
    const runs = [run(), run(), run()].map((one) => one.catch(() => {}))
    await clock.advance(10_000)
    // What is let through at once at the beginning, and a batch for each run, come on top.
    expect(keys).toBeGreaterThanOrEqual(10_000)
    expect(keys).toBeLessThanOrEqual(10_000 + 300)
    controller.abort(new Error('enough'))
    await Promise.all(runs)
  })

  test('makes nobody wait for a source that rests, or for one that readers need', async () => {
    const { clock, begun, turn, source } = setup()
    const [busy, free] = [source(), source()]
    busy.scene.foreground = 6
    void turn('busy', busy.pace)
    void turn('busy', busy.pace)
    void turn('free', free.pace)
    await clock.advance(1_000)
    expect(begun).toEqual(['free'])
    busy.scene.foreground = 5
    await clock.advance(100)
    expect(begun).toEqual(['free', 'busy'])
  })

  test('yields while a call of the source waits for its turn', async () => {
    const { clock, begun, turn, source } = setup()
    const { scene, pace } = source()
    scene.waiting = 1
    void turn('later', pace)
    await clock.advance(1_000)
    expect(begun).toEqual([])
    scene.waiting = 0
    await clock.advance(100)
    expect(begun).toEqual(['later'])
  })

  test('is left by those whose signal aborts, wherever they wait, and lends out nothing for ever', async () => {
    const { clock, controller, begun, turn, source } = setup({ concurrency: 1 })
    const [busy, free] = [source(), source()]
    busy.scene.foreground = 9
    const end = await turn('first', free.pace, 5_000)
    const waiting = [turn('in line', free.pace), turn('busy', busy.pace)]
    const outcomes = Promise.allSettled(waiting)
    await clock.settle()
    controller.abort(new Error('enough'))
    end()
    await clock.settle()
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(begun).toEqual(['first'])
    expect(clock.timers).toBe(0)
  })
})

describe('a source', () => {
  test('is left alone when its calls take more than twice their usual time, and tried again', async () => {
    const { clock, begun, turn, source } = setup()
    const { pace, called } = source()
    for (let call = 0; call < 100; call += 1) called(10)
    // One pause of the process is no trouble of the source.
    called(500)
    called(10)
    expect(pace.waitMs).toBe(0)
    for (let call = 0; call < 3; call += 1) called(40)
    expect(pace.waitMs).toBe(1_000)
    const first = turn('probe', pace)
    const second = turn('after', pace)
    await clock.advance(999)
    expect(begun).toEqual([])
    await clock.advance(50)
    expect(begun).toEqual(['probe'])
    // Still slow: twice as long a rest.
    called(40)
    ;(await first)()
    expect(pace.waitMs).toBe(2_000)
    await clock.advance(2_000)
    expect(begun).toEqual(['probe', 'after'])
    called(10)
    ;(await second)()
    expect(pace.waitMs).toBe(0)
  })

  test('is not found slow by larger batches', () => {
    const { source } = setup()
    const { pace, called } = source()
    for (let call = 0; call < 20; call += 1) called(2)
    for (let call = 0; call < 20; call += 1) called(90, false, 500)
    expect(pace.waitMs).toBe(0)
  })

  test('that fails is left alone, for half a minute at most', async () => {
    const { clock, source } = setup()
    const { pace, called } = source()
    for (let call = 0; call < 3; call += 1) called(1, true)
    expect(pace.waitMs).toBe(1_000)
    for (let rest = 0; rest < 10; rest += 1) {
      await clock.advance(pace.waitMs)
      called(1, true)
    }
    expect(pace.waitMs).toBe(30_000)
  })

  test('that has become slow for good is found usual in the end', async () => {
    const { clock, source } = setup()
    const { pace, called } = source()
    for (let call = 0; call < 100; call += 1) called(10)
    for (let minute = 0; minute < 30; minute += 1) {
      await clock.advance(60_000)
      called(40)
    }
    await clock.advance(60_000)
    for (let call = 0; call < 10; call += 1) called(40)
    expect(pace.waitMs).toBe(0)
  })
})
