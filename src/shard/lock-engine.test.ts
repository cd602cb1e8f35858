import { describe, expect, test } from 'vitest'
import { MapLocks } from '../memory/map-rows-locks.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { LockEngine } from './lock-engine.ts'

const NOW = 1_900_000_000_000

function setup() {
  const rows = new MapLocks()
  const time = { now: NOW, tick: 0 }
  const clocks = { now: () => time.now, monotonic: () => time.tick }
  const open = () => new LockEngine({ rows, ...clocks, random: new SeededRandom(1) })
  const take = (owner: string, ...names: readonly string[]) =>
    open().acquire({ names, owner, ttlMs: 1_000 })
  return { rows, time, take }
}

describe('LockEngine', () => {
  test('tokens begin above the microseconds of the clock, and are exact', () => {
    const { take } = setup()
    const answer = take('one', 'a')
    if (answer.kind !== 'granted') throw new Error('The lock was not granted.')
    expect(answer.token).toBeGreaterThanOrEqual(BigInt(NOW) * 1_000n + 2n ** 20n)
    expect(take('two', 'b')).toEqual({ kind: 'granted', token: answer.token + 1n })
  })

  test('after the last token was lost the next one lies above it all the same', () => {
    const { rows, time, take } = setup()
    take('one', 'a')
    const last = rows.lockSequence() ?? 0
    rows.saveLockSequence(last + 1_000_000)
    time.now += 2_100
    rows.lockSequence = () => undefined
    const answer = take('two', 'b')
    expect(answer.kind === 'granted' && answer.token > last + 1_000_000).toBe(true)
  })

  test('a lock ends on the clock of the host, whatever the wall clock says', () => {
    const { time, take } = setup()
    take('one', 'a')
    time.now += 3_600_000
    expect(take('two', 'a')).toEqual({ kind: 'held', remainingMs: 1_000 })
    time.tick += 1_000
    expect(take('two', 'a').kind).toBe('granted')
  })

  test('locks that ended by themselves are forgotten as others are granted', () => {
    const { rows, time, take } = setup()
    const names = Array.from({ length: 150 }, (_, index) => `lock ${index}`)
    take('dead', ...names)
    time.tick += 1_000
    take('one', 'a')
    expect(rows.locksOf(names).size).toBe(50)
    take('two', 'b')
    expect(rows.locksOf(names).size).toBe(0)
    expect(rows.locksOf(['a', 'b']).size).toBe(2)
  })
})
