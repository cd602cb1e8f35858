import { describe, expect, test } from 'vitest'
import { type ForecastEvent, Forecaster, type ForecasterOptions } from './forecaster.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
/** The first hour of a Monday. */
const MONDAY = 96 + 168 * 3000

type Reads = Readonly<Record<string, number>>

/** A shop with twenty keys of the morning and twenty of the evening; the rest of the day has others. */
function reads(hour: number): Reads {
  const of = (name: string): Reads =>
    Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`${name}:${at}`, 40 - at]))
  const hourOfDay = hour % 24
  return of(hourOfDay === 8 ? 'morning' : hourOfDay === 20 ? 'evening' : `other${hourOfDay % 3}`)
}

function setup(options: Partial<ForecasterOptions> = {}) {
  const forecaster = new Forecaster<string>({ budget: 20, keys: 200, ...options })
  const events: ForecastEvent<string>[] = []
  const tick = (hour: number, minute = 0): void => {
    events.push(...forecaster.tick(hour * HOUR_MS + minute * MINUTE_MS))
  }
  /** Plays whole hours, with a tick at the beginning and one four minutes before the end. */
  const play = (from: number, to: number, of: (hour: number) => Reads = reads): void => {
    for (let hour = from; hour < to; hour += 1) {
      tick(hour)
      for (const [key, count] of Object.entries(of(hour))) forecaster.count(key, count)
      tick(hour, 56)
    }
  }
  const forecasts = () => events.filter((event) => event.type === 'forecast')
  return { forecaster, events, tick, play, forecasts }
}

function saved(forecaster: Forecaster<string>, bytesMax?: number): Uint8Array {
  const saving = forecaster.save(bytesMax)
  for (;;) {
    const { done, value } = saving.next()
    if (done === true) return value
  }
}

const names = (keys: readonly { readonly key: string }[]): string[] => keys.map(({ key }) => key)

describe('a forecaster', () => {
  test('forecasts before an hour begins what the same hour of other days had', () => {
    const { play, forecasts } = setup()
    play(MONDAY, MONDAY + 3 * 24)
    const morning = forecasts().find(({ hour }) => hour === MONDAY + 2 * 24 + 8)
    const [hottest] = morning?.keys ?? []
    expect(names(morning?.keys.slice(0, 15) ?? []).every((key) => key.startsWith('morning'))).toBe(
      true,
    )
    expect(hottest?.key).toBe('morning:0')
    expect(hottest?.reads).toBeGreaterThan(20)
    expect(hottest?.reads).toBeLessThan(60)
    expect(morning?.startsAt).toBe((MONDAY + 2 * 24 + 8) * HOUR_MS)
  })

  test('makes one forecast for each hour, and is judged by each', () => {
    const { play, forecasts, events } = setup()
    play(MONDAY, MONDAY + 48)
    const hours = forecasts().map(({ hour }) => hour)
    expect(hours).toEqual(Array.from({ length: 48 }, (_, at) => MONDAY + 1 + at))
    const judged = events.filter((event) => event.type === 'scored').map(({ hour }) => hour)
    expect(judged).toEqual(hours.slice(-judged.length - 2, -2))
    expect(judged.length).toBeGreaterThan(40)
  })

  test('switches on where the hour tells more than the hour before, says so, and then warms', () => {
    const { play, events, forecasts, forecaster } = setup()
    play(MONDAY, MONDAY + 5 * 24)
    expect(events.filter(({ type }) => type === 'switched')).toMatchObject([{ on: true }])
    expect(forecaster.status.on).toBe(true)
    expect(forecasts()[0]?.warm).toBe(false)
    expect(forecasts().at(-1)?.warm).toBe(true)
    const { scores } = forecaster.status
    expect(scores?.forecast.recall).toBeGreaterThan(scores?.lastHour.recall ?? 1)
  })

  test('stays off where every hour is alike, and forecasts on in the shadow', () => {
    const { play, events, forecasts } = setup()
    play(MONDAY, MONDAY + 5 * 24, () => reads(8))
    expect(events.some(({ type }) => type === 'switched')).toBe(false)
    expect(forecasts().every(({ warm }) => !warm)).toBe(true)
    expect(forecasts().length).toBeGreaterThan(100)
  })

  test('switches off when the rhythm has gone, and on again when it is back', () => {
    const { play, forecaster, events } = setup()
    play(MONDAY, MONDAY + 96)
    play(MONDAY + 96, MONDAY + 192, () => reads(0))
    expect(forecaster.status.on).toBe(false)
    play(MONDAY + 192, MONDAY + 288)
    expect(forecaster.status.on).toBe(true)
    const switched = events.filter((event) => event.type === 'switched')
    expect(switched.map(({ on }) => on)).toEqual([true, false, true])
  })

  test('takes up new keys that are hot in the running hour, and names none below the least', () => {
    const { play, forecaster, tick } = setup({ leastReads: 5 })
    play(MONDAY, MONDAY + 24, () => ({ steady: 100, rare: 2 }))
    tick(MONDAY + 24)
    forecaster.count('steady', 100)
    forecaster.count('fad', 100)
    tick(MONDAY + 24, 50)
    const expected = names(forecaster.expected(MONDAY + 25))
    expect(expected).toContain('fad')
    expect(expected).not.toContain('rare')
  })

  test('can be asked for any hour to come, by what is known of it', () => {
    const { play, forecaster } = setup()
    play(MONDAY, MONDAY + 8 * 24)
    const nextMorning = forecaster.expected(MONDAY + 9 * 24 + 8, 10)
    expect(nextMorning).toHaveLength(10)
    expect(names(nextMorning).every((key) => key.startsWith('morning'))).toBe(true)
    const nextEvening = names(forecaster.expected(MONDAY + 8 * 24 + 20, 10))
    expect(nextEvening.every((key) => key.startsWith('evening'))).toBe(true)
  })

  test('knows nothing in its first hour', () => {
    const { forecaster, tick, forecasts } = setup()
    expect(forecaster.expected(MONDAY)).toEqual([])
    tick(MONDAY, 30)
    forecaster.count('a')
    tick(MONDAY, 56)
    expect(forecasts()).toEqual([])
    expect(forecaster.status).toMatchObject({ on: false, hours: 0, keys: 0, scores: undefined })
  })

  test('learns nothing from an hour that it did not see whole', () => {
    const { forecaster, tick, play } = setup()
    tick(MONDAY, 30)
    forecaster.count('half', 100)
    tick(MONDAY + 1)
    expect(forecaster.status.keys).toBe(0)
    play(MONDAY + 1, MONDAY + 2)
    // Asleep from here on: the reads may be of any of these hours.
    tick(MONDAY + 9, 30)
    expect(forecaster.status.keys).toBe(0)
  })

  test('goes on after hours that were missed, and after a clock that went back', () => {
    const { play, forecasts, tick, events } = setup()
    play(MONDAY, MONDAY + 72)
    tick(MONDAY + 72)
    tick(MONDAY + 60)
    const before = events.length
    tick(MONDAY + 71, 59)
    expect(events).toHaveLength(before)
    play(MONDAY + 96, MONDAY + 120)
    const morning = forecasts().find(({ hour }) => hour === MONDAY + 96 + 8)
    expect(names(morning?.keys.slice(0, 10) ?? []).every((key) => key.startsWith('morning'))).toBe(
      true,
    )
  })

  test('remembers no more keys than it has room for, and the hottest of them', () => {
    const { play, forecaster } = setup({ keys: 50 })
    const { sizeBytes } = forecaster.status
    play(MONDAY, MONDAY + 24, (hour) => ({
      ...reads(8),
      ...Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`once:${hour}:${at}`, 1])),
    }))
    expect(forecaster.status.keys).toBeLessThanOrEqual(50)
    expect(forecaster.status.sizeBytes).toBe(sizeBytes)
    expect(names(forecaster.expected(MONDAY + 24)).every((key) => key.startsWith('morning'))).toBe(
      true,
    )
  })
})

describe('the state of a forecaster', () => {
  test('survives a restart: the same is expected, and it is still switched on', () => {
    const { play, forecaster } = setup()
    play(MONDAY, MONDAY + 5 * 24)
    const next = setup({ state: saved(forecaster) })
    expect(next.forecaster.status).toMatchObject({ on: true, undecodable: 0 })
    const at = MONDAY + 5 * 24 + 8
    expect(names(next.forecaster.expected(at, 10)).sort()).toEqual(
      names(forecaster.expected(at, 10)).sort(),
    )
    // Started within an hour: this very hour is forecast at once.
    next.tick(at, 10)
    expect(next.forecasts()).toMatchObject([{ hour: at, warm: true }])
    expect(names(next.forecasts()[0]?.keys.slice(0, 10) ?? [])).toContain('morning:0')
  })

  test('keeps within the bytes it may have, and leaves out the least hot keys', () => {
    const { play, forecaster } = setup()
    play(MONDAY, MONDAY + 48, () => ({ ...reads(8), cold: 1 }))
    const all = saved(forecaster)
    const some = saved(forecaster, all.length - 1)
    expect(some.length).toBeLessThan(all.length)
    const next = setup({ state: some }).forecaster
    expect(next.status.keys).toBe(forecaster.status.keys - 1)
    expect(names(next.expected(MONDAY + 49))).not.toContain('cold')
  })

  test('comes in slices, between which the forecaster may go on', () => {
    const { play, forecaster } = setup({ keys: 2000 })
    const many = Object.fromEntries(Array.from({ length: 2000 }, (_, at) => [`key:${at}`, 5]))
    play(MONDAY, MONDAY + 3, () => many)
    const saving = forecaster.save()
    let slices = 0
    let step = saving.next()
    while (step.done !== true) {
      slices += 1
      if (slices === 3) play(MONDAY + 3, MONDAY + 5, () => many)
      step = saving.next()
    }
    expect(slices).toBe(7)
    expect(setup({ keys: 2000, state: step.value }).forecaster.status).toMatchObject({
      keys: 2000,
      undecodable: 0,
    })
  })

  test('is begun anew, and that is told, if its bytes are cut, changed, older or no state at all', () => {
    const { play, forecaster } = setup()
    play(MONDAY, MONDAY + 48)
    const good = saved(forecaster)
    const broken = [
      new Uint8Array(),
      new Uint8Array(100),
      good.subarray(0, good.length - 1),
      good.with(0, 0),
      ...[1, 5, 60, good.length - 1].map((at) => good.with(at, (good[at] ?? 0) ^ 0x40)),
    ]
    for (const state of broken) {
      const next = setup({ state }).forecaster
      expect(next.status).toMatchObject({ undecodable: 1, keys: 0, on: false })
    }
  })

  test('with fewer keys than before takes what there is room for', () => {
    const { play, forecaster } = setup()
    play(MONDAY, MONDAY + 48)
    const next = setup({ keys: 10, state: saved(forecaster) }).forecaster
    expect(next.status).toMatchObject({ undecodable: 0, keys: 10 })
  })
})
