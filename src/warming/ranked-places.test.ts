import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rankedPlaces } from './ranked-places.ts'

test('places are in the order of their values, the largest first, as many as are wanted', () => {
  const values = fc.array(fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }))
  fc.assert(
    fc.property(
      values,
      fc.nat(20),
      fc.float({ min: 0, max: 10, noNaN: true }),
      (all, limit, least) => {
        const column = Float32Array.from(all)
        const ranked = [...rankedPlaces(column, limit, least)].map((place) => column[place])
        const expected = [...column].filter((value) => value >= least).sort((a, b) => b - a)
        expect(ranked).toEqual(expected.slice(0, limit))
      },
    ),
  )
})

test('no place is named twice, and the first of equals comes first', () => {
  expect([...rankedPlaces(Float32Array.of(1, 2, 1, 0), 9)]).toEqual([1, 0, 2, 3])
})
