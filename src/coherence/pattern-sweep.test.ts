import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { PatternSweep } from './pattern-sweep.ts'
import { ShardView } from './shard-view.ts'

const pattern = (text: string) =>
  ({ kind: 'pattern', collection: '', pattern: text, active: true }) as const

/** A shard where each pattern takes `slices` slices; `fail` makes the next one fail. */
function setup({ slices = 2, chance = 0 } = {}) {
  const clock = new FakeClock()
  const view = new ShardView()
  view.renew('e')
  const swept: number[] = []
  const failures: unknown[] = []
  const control = { fail: false, chance }
  const sweep = new PatternSweep({
    clock,
    random: { next: () => control.chance, id: () => 'id' },
    shard: 0,
    view,
    onFailure: (error) => failures.push(error),
    session: {
      sweepPattern: async (_shard, number) => {
        if (control.fail) throw new Error('unreachable')
        swept.push(number)
        return swept.filter((one) => one === number).length >= slices
      },
    },
  })
  const hear = (number: number) =>
    view.apply(
      {
        kind: 'changes',
        shard: 0,
        epoch: 'e',
        first: number,
        last: number,
        sender: '',
        changes: [pattern(`p${number}*`)],
      },
      clock.monotonic(),
    )
  return { clock, view, swept, failures, control, sweep, hear }
}

describe('the sweep of patterns', () => {
  test('removes what this process has asked for, one pattern after the other', async () => {
    const { clock, swept, sweep, view, hear } = setup()
    hear(5)
    sweep.add(5)
    sweep.add(6)
    sweep.add(5)
    await clock.settle()
    expect(swept).toEqual([5, 5, 6, 6])
    expect(view.patternActiveSince(1)).toBe(undefined)
  })

  test('takes over what has been active for more than five seconds', async () => {
    const { clock, swept, sweep, hear } = setup()
    hear(5)
    await clock.advance(5_000)
    sweep.beat()
    await clock.settle()
    expect(swept).toEqual([])
    await clock.advance(1)
    sweep.beat()
    await clock.settle()
    sweep.beat()
    await clock.settle()
    expect(swept).toEqual([5, 5])
  })

  test('leaves most of the taking over to chance, since others see the pattern too', async () => {
    const { clock, swept, sweep, control, hear } = setup({ chance: 0.3 })
    hear(5)
    await clock.advance(6_000)
    sweep.beat()
    await clock.settle()
    expect(swept).toEqual([])
    control.chance = 0.29
    sweep.beat()
    await clock.settle()
    expect(swept).toEqual([5, 5])
  })

  test('that fails is reported, and made again when the pattern is overdue', async () => {
    const { clock, swept, sweep, control, failures, hear } = setup()
    hear(5)
    control.fail = true
    sweep.add(5)
    await clock.settle()
    expect(failures.length).toBe(1)
    control.fail = false
    await clock.advance(6_000)
    sweep.beat()
    await clock.settle()
    expect(swept).toEqual([5, 5])
  })

  test('takes at most a hundred patterns at once', async () => {
    const { clock, swept, sweep } = setup({ slices: 1 })
    for (let at = 1; at <= 150; at += 1) sweep.add(at)
    await clock.settle()
    expect(swept.length).toBe(100)
    sweep.add(101)
    await clock.settle()
    expect(swept.at(-1)).toBe(101)
  })

  test('that fails after its cache has ended tells nobody', async () => {
    const { clock, sweep, control, failures } = setup()
    control.fail = true
    sweep.add(5)
    sweep.close()
    await clock.settle()
    expect(failures).toEqual([])
  })

  test('ends with its cache, between two slices', async () => {
    const { clock, swept, sweep } = setup({ slices: Number.POSITIVE_INFINITY })
    sweep.add(5)
    sweep.close()
    sweep.add(6)
    await clock.settle()
    expect(swept).toEqual([5])
  })
})
