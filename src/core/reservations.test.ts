import { describe, expect, test } from 'vitest'
import type { CacheKey } from '../contracts/source.ts'
import { type Reservation, Reservations } from './reservations.ts'

function setup() {
  const reservations = new Reservations()
  const reserve = (key: CacheKey, stamp: number, kind: Reservation['kind'] = 'load') =>
    reservations.reserve({ key, stamp, kind, shared: undefined })
  return {
    reservations,
    reserve,
    one: reserve('a', 1),
    two: reserve('a', 2, 'set'),
    other: reserve('b', 3),
  }
}

describe('reservations', () => {
  test('of a key die together with a change of it, and those of other keys live', () => {
    const { reservations, reserve, one, two, other } = setup()
    reservations.kill('a')
    expect([one.alive, two.alive, other.alive]).toEqual([false, false, true])
    expect(reserve('a', 4).alive).toBe(true)
    reservations.kill('nobody')
  })

  test('all die when everything is removed', () => {
    const { reservations, one, two, other } = setup()
    reservations.killAll()
    expect([one.alive, two.alive, other.alive]).toEqual([false, false, false])
  })

  test('for a load die with a change that has ended, those for a set learn its number', () => {
    const { reservations, one, two, other } = setup()
    reservations.outrun('a', 7)
    reservations.outrun('a', 5)
    reservations.outrun('nobody', 9)
    expect([one.alive, two.alive, other.alive]).toEqual([false, true, true])
    expect([two.outrunBy, other.outrunBy]).toEqual([7, 0])
  })

  test('leave nothing behind when they are released, in any order and more than once', () => {
    const { reservations, one, two, other } = setup()
    for (const reservation of [two, other, two, one, one]) reservations.release(reservation)
    expect(reservations.size).toBe(0)
    reservations.kill('a')
    expect(one.alive).toBe(true)
  })

  test.each([[[0, 1, 2, 3]], [[3, 2, 1, 0]], [[1, 3, 2, 0]], [[2, 0, 3, 1]]])(
    'of one key that are released as %j leave the others to be killed',
    (order) => {
      for (const [done] of order.entries()) {
        const { reservations, reserve } = setup()
        const all = order.map((place) => reserve('many', place))
        const [gone, left] = [order.slice(0, done), order.slice(done)]
        for (const place of gone) reservations.release(all[place] as Reservation)
        reservations.kill('many')
        expect(gone.map((place) => all[place]?.alive)).toEqual(gone.map(() => true))
        expect(left.map((place) => all[place]?.alive)).toEqual(left.map(() => false))
      }
    },
  )

  test('keep keys of different types apart', () => {
    const { reservations, reserve } = setup()
    const [text, number] = [reserve('1', 0), reserve(1, 0)]
    reservations.kill(1)
    expect([text.alive, number.alive]).toEqual([true, false])
  })

  test('of writes that overlap are contested, whichever came first, and of others are not', () => {
    const { reserve, reservations, two } = setup()
    const first = reserve('a', 4, 'write')
    expect(first.contested).toBe(false)
    const second = reserve('a', 5, 'write')
    const elsewhere = reserve('b', 5, 'write')
    expect([first.contested, second.contested, two.contested]).toEqual([true, true, false])
    expect(elsewhere.contested).toBe(false)
    reservations.release(first)
    reservations.release(second)
    expect(reserve('a', 6, 'write').contested).toBe(false)
  })

  test('that match die together, also those of keys that are no text', () => {
    const { reservations, reserve, one, two, other } = setup()
    const number = reserve(7, 4)
    reservations.killMatching((key) => key === 'a' || key === 7)
    expect([one, two, other, number].map(({ alive }) => alive)).toEqual([false, false, true, false])
  })
})
