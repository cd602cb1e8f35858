import { describe, expect, test } from 'vitest'
import { QueueFullError } from '../contracts/errors.ts'
import { Bulkhead, MAX_WAITING } from './bulkhead.ts'

/** A bulkhead with calls that are held open until they are let go, in the order they began. */
function setup(limit: number) {
  const bulkhead = new Bulkhead('thing', limit)
  const begun: number[] = []
  const held = new Map<number, PromiseWithResolvers<number>>()
  const call = (name: number): Promise<number> =>
    bulkhead.run(() => {
      const end = Promise.withResolvers<number>()
      begun.push(name)
      held.set(name, end)
      return end.promise
    })
  return { bulkhead, begun, held, call }
}

describe('a bulkhead', () => {
  test('lets in as many as it allows, and the others in the order they came', async () => {
    const { begun, held, call } = setup(2)
    const all = [0, 1, 2, 3].map(call)
    expect(begun).toEqual([0, 1])
    held.get(1)?.resolve(1)
    await all[1]
    expect(begun).toEqual([0, 1, 2])
    held.get(0)?.resolve(0)
    await all[0]
    expect(begun).toEqual([0, 1, 2, 3])
    held.get(2)?.resolve(2)
    held.get(3)?.resolve(3)
    expect(await Promise.all(all)).toEqual([0, 1, 2, 3])
  })

  test('hands the place of a call that failed, or threw at once, to the next', async () => {
    const { bulkhead, begun, held, call } = setup(1)
    const failing = call(0)
    const throwing = bulkhead.run(() => {
      throw new Error('at once')
    })
    const last = call(2)
    held.get(0)?.reject(new Error('later'))
    await expect(failing).rejects.toThrow('later')
    await expect(throwing).rejects.toThrow('at once')
    expect(begun).toEqual([0, 2])
    held.get(2)?.resolve(2)
    expect(await last).toBe(2)
    await expect(bulkhead.run(async () => 'free again')).resolves.toBe('free again')
  })

  test('gives its place to who waits, not to who comes at that moment', async () => {
    const { begun, held, call } = setup(1)
    const first = call(0)
    const waiting = call(1)
    held.get(0)?.resolve(0)
    const newcomer = first.then(() => call(2))
    await first
    expect(begun).toEqual([0, 1])
    held.get(1)?.resolve(1)
    await waiting
    expect(begun).toEqual([0, 1, 2])
    held.get(2)?.resolve(2)
    await newcomer
  })

  test('refuses a call when too many wait, and takes calls again when they have gone', async () => {
    const { bulkhead, held, call } = setup(1)
    const first = call(0)
    let done = 0
    const waiting = Array.from({ length: MAX_WAITING }, () =>
      bulkhead.run(async () => {
        done += 1
      }),
    )
    await expect(call(1)).rejects.toThrow(QueueFullError)
    held.get(0)?.resolve(0)
    await first
    await Promise.all(waiting)
    expect(done).toBe(MAX_WAITING)
    const again = call(2)
    held.get(2)?.resolve(2)
    expect(await again).toBe(2)
  })
})
