import { describe, expect, test } from 'vitest'
import type { CacheKey } from '../contracts/source.ts'
import { LoadAllowance } from './load-allowance.ts'

const rows = Array.from({ length: 100 }, (_, key) => ({ key }))
const tally = (loaded: number, fresh: number) => ({
  loaded,
  fresh,
  absent: 0,
  failed: 0,
  error: undefined,
})

describe('an allowance of loads', () => {
  test('goes on down the list for keys that were fresh, and stops when it is used', async () => {
    const allowance = new LoadAllowance(10)
    const asked: CacheKey[] = []
    const batch: CacheKey[] = []
    for (const key of allowance.while(rows)) {
      batch.push(key)
      if (batch.length < 4) continue
      await allowance.take(batch.splice(0), async (keys) => {
        asked.push(...keys)
        const fresh = keys.filter((each) => Number(each) % 2 === 0).length
        return tally(keys.length - fresh, fresh)
      })
    }
    expect(asked.filter((key) => Number(key) % 2 === 1)).toEqual([
      1, 3, 5, 7, 9, 11, 13, 15, 17, 19,
    ])
    expect(asked.length).toBe(20)
  })

  test('is never exceeded by batches under way at once', async () => {
    const allowance = new LoadAllowance(10)
    const held: PromiseWithResolvers<void>[] = []
    let loads = 0
    const work = async (keys: readonly CacheKey[]) => {
      const turn = Promise.withResolvers<void>()
      held.push(turn)
      await turn.promise
      loads += keys.length
      return tally(keys.length, 0)
    }
    const keys = [...allowance.while(rows)].slice(0, 18)
    const all = [0, 6, 12].map((from) => allowance.take(keys.slice(from, from + 6), work))
    for (const turn of held) turn.resolve()
    const tallies = await Promise.all(all)
    expect(loads).toBe(10)
    expect(tallies.at(-1)).toMatchObject({ loaded: 0, fresh: 0 })
    expect([...allowance.while(rows)]).toEqual([])
  })
})
