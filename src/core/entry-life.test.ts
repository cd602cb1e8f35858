import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { EntryOptions } from '../contracts/options.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { type EntryLife, entryLife } from './entry-life.ts'
import { refuseOption } from './field-check.ts'
import { DEFAULT_ENTRY_OPTIONS, resolveEntryOptions } from './resolve-entry-options.ts'

const NOW = 1_000_000

function lifeOf(options: EntryOptions, chance = 0.999, absent = false): EntryLife | undefined {
  return entryLife({
    options: resolveEntryOptions(options, {
      base: DEFAULT_ENTRY_OPTIONS,
      path: '',
      refuse: refuseOption,
    }),
    absent,
    clock: new FakeClock(NOW),
    random: { next: () => chance, id: () => 'id' },
  })
}

describe('a life', () => {
  test('is only ever shortened by jitter, by its share at most, and never to nothing', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 10 }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (ttl, jitter, chance) => {
          const ttlMs = lifeOf({ ttl, jitter }, chance)?.ttlMs ?? Number.NaN
          expect(ttlMs).toBeLessThanOrEqual(ttl)
          expect(ttlMs).toBeGreaterThanOrEqual(Math.max(1, ttl * (1 - jitter) - 1))
          expect(Number.isInteger(ttlMs)).toBe(true)
        },
      ),
    )
    expect(lifeOf({ ttl: 1_000, jitter: 0.5 }, 0.5)?.ttlMs).toBe(750)
  })

  test('without an end has none, whatever the jitter', () => {
    expect(lifeOf({ ttl: 'none', jitter: 0.9 })?.ttlMs).toBe(Number.POSITIVE_INFINITY)
  })

  test('ends at its absolute end, if that comes first', () => {
    const jitter = 0
    expect(lifeOf({ jitter, ttl: 100, expiresAt: NOW + 40 })?.ttlMs).toBe(40)
    expect(lifeOf({ jitter, ttl: 'none', expiresAt: NOW + 40 })?.ttlMs).toBe(40)
    expect(lifeOf({ jitter, ttl: 100, expiresAt: NOW + 400 })).toEqual({
      ttlMs: 100,
      graceMs: 0,
      expiresAt: NOW + 400,
    })
    expect(lifeOf({ ttl: 100, expiresAt: NOW })).toBeUndefined()
    expect(lifeOf({ ttl: 100, expiresAt: NOW - 1 })).toBeUndefined()
  })

  test('of "not found" is its own and has no grace', () => {
    const grace = '1h'
    expect(lifeOf({ grace }, 0, true)).toBeUndefined()
    expect(lifeOf({ grace, negativeTtl: '3s' }, 0, true)).toMatchObject({
      ttlMs: 3_000,
      graceMs: 0,
    })
    expect(lifeOf({ grace, negativeTtl: '3s' }, 0)).toMatchObject({ graceMs: 3_600_000 })
  })
})
