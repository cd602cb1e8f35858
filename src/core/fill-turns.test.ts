import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { FillTurns } from './fill-turns.ts'

/** Work of several shards, which notes when it is let through and ends when it is told to. */
function setup() {
  const clock = new FakeClock()
  const turns = new FillTurns(clock)
  const through: string[] = []
  const ends = new Map<string, () => void>()
  const begin = (shard: number, name: string) =>
    turns.run(shard, async (turn) => {
      await turn()
      through.push(name)
      await new Promise<void>((resolve) => ends.set(name, resolve))
      return name
    })
  return { clock, turns, through, begin, end: (name: string) => ends.get(name)?.() }
}

describe('the turns of what was loaded', () => {
  test('are of one shard at a time, each when all of the one before is kept', async () => {
    const { clock, through, begin, end } = setup()
    const all = [begin(0, 'a'), begin(1, 'b'), begin(0, 'c'), begin(2, 'd')]
    await clock.settle()
    expect(through).toEqual(['a', 'c'])
    end('a')
    await clock.settle()
    expect(through).toEqual(['a', 'c'])
    end('c')
    await clock.settle()
    expect(through).toEqual(['a', 'c', 'b'])
    end('b')
    await clock.settle()
    end('d')
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'])
    expect(clock.timers).toBe(0)
  })

  test('wait for nobody who takes long, nor for a shard with nothing to keep', async () => {
    const { clock, turns, through, begin } = setup()
    void begin(0, 'slow')
    void turns.run(1, () => new Promise(() => {}))
    void begin(2, 'next')
    await clock.settle()
    expect(through).toEqual(['slow'])
    await clock.advance(5)
    expect(through).toEqual(['slow', 'next'])
  })

  test('come all the same after what failed', async () => {
    const { clock, turns, through, begin } = setup()
    const failing = turns.run(0, async (turn) => {
      await turn()
      throw new Error('no')
    })
    void begin(1, 'next')
    await expect(failing).rejects.toThrow('no')
    await clock.settle()
    expect(through).toEqual(['next'])
  })
})
