import { describe, expect, test } from 'vitest'
import { Turns } from '../src/database/turns.ts'

describe('turns', () => {
  test('come one after another for one thing, also after a failure, and at once for others', async () => {
    const turns = new Turns()
    const first = Promise.withResolvers<void>()
    const begun: string[] = []
    const failing = turns.take(1, async () => {
      begun.push('first')
      await first.promise
    })
    const second = turns.take(1, async () => begun.push('second'))
    await turns.take(2, async () => begun.push('other'))
    expect(begun).toEqual(['first', 'other'])
    first.reject(new Error('It failed.'))
    await expect(failing).rejects.toThrow('It failed.')
    await second
    expect(begun).toEqual(['first', 'other', 'second'])
  })

  test('for several things never wait for each other, in whichever order they are named', async () => {
    const turns = new Turns()
    let under = 0
    const work = async (): Promise<void> => {
      under += 1
      expect(under).toBe(1)
      await new Promise((resolve) => setImmediate(resolve))
      under -= 1
    }
    const orders = [[1, 2, 3], [3, 2, 1], [2, 2, 1], [3, 1], [1]]
    await Promise.all(orders.map((ids) => turns.takeAll(ids, work)))
    expect(under).toBe(0)
  })

  test('beyond a thousand are refused, and taken again when there is room', async () => {
    const turns = new Turns()
    const held = Promise.withResolvers<void>()
    const all = Array.from({ length: 1_000 }, () => turns.take(1, () => held.promise))
    await expect(turns.take(2, async () => 'mine')).rejects.toMatchObject({ statusCode: 503 })
    held.resolve()
    await Promise.all(all)
    expect(await turns.take(2, async () => 'mine')).toBe('mine')
  })
})
