import { describe, expect, test } from 'vitest'
import type { MemoryEntry } from '../contracts/memory-tier.ts'
import { Flight } from './flight.ts'
import { Reservations } from './reservations.ts'

const GRACED = { entry: { value: 'old' } as MemoryEntry, tier: 'shared' } as const

function setup() {
  return new Flight({
    key: 'a',
    reservation: new Reservations().reserve({
      key: 'a',
      stamp: 0,
      kind: 'load',
      shared: undefined,
    }),
    reason: 'miss',
    uncached: false,
    asked: undefined,
    openedAt: 5,
    hardMs: 5_000,
    fallback: undefined,
    previous: undefined,
    memoryTtlMs: undefined,
  })
}

describe('a flight', () => {
  test('ends the same way for everybody', async () => {
    const good = setup()
    good.succeed({ found: false, tier: 'source' })
    expect(await good.outcome).toEqual({ found: false, tier: 'source' })
    const bad = setup()
    bad.fail(new Error('down'))
    await expect(bad.outcome).rejects.toThrow('down')
  })

  test('that fails when nobody waits is no unhandled rejection', async () => {
    const flight = setup()
    flight.fail(new Error('down'))
    await new Promise(setImmediate)
    expect(flight.signal.aborted).toBe(false)
  })

  test('is stopped by the last one who aborts', () => {
    const flight = setup()
    const [one, two] = [flight.join(), flight.join()]
    one.aborted('one')
    expect(flight.signal.aborted).toBe(false)
    two.aborted('two')
    expect(flight.signal.reason).toBe('two')
  })

  test('goes on when one has left with an answer, since the result is still to be kept', () => {
    const flight = setup()
    const [one, two] = [flight.join(), flight.join()]
    one.answered()
    two.aborted('enough')
    expect(flight.signal.aborted).toBe(false)
  })

  test('offers what it finds on its way to those who still listen', () => {
    const flight = setup()
    const heard: string[] = []
    const stop = flight.onFallback(() => heard.push('left'))
    flight.onFallback(() => heard.push('waits'))
    stop()
    flight.offer(GRACED)
    expect(heard).toEqual(['waits'])
    expect(flight.fallback).toBe(GRACED)
  })
})
