import { expect, test } from 'vitest'
import { parseSnapshot, snapshotAt } from './snapshot.ts'

test('a snapshot is read as PostgreSQL writes it, beyond 2^53 too', () => {
  expect(parseSnapshot('10:20:10,14')).toEqual({ xmin: 10n, xmax: 20n, running: [10n, 14n] })
  expect(parseSnapshot('7:7:')).toEqual(snapshotAt(7n))
  expect(parseSnapshot(`${2n ** 60n}:${2n ** 60n}:`).xmin).toBe(2n ** 60n)
  expect(() => parseSnapshot('undefined')).toThrow('undefined')
})
