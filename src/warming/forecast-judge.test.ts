import { describe, expect, test } from 'vitest'
import { ForecastJudge, type ForecastScores } from './forecast-judge.ts'

const scores = (forecast: number, lastHour: number, steady: number): ForecastScores => ({
  keys: 100,
  forecast: { precision: forecast, recall: forecast },
  lastHour: { precision: lastHour, recall: lastHour },
  steady: { precision: steady, recall: steady },
})

/** Hours until the judge switches, of hours like this; 0 if it does not within a month. */
function hoursToSwitch(judge: ForecastJudge, hours: ForecastScores): number {
  for (let hour = 1; hour <= 720; hour += 1) if (judge.judge(hours)) return hour
  return 0
}

describe('the judge of forecasts', () => {
  test('begins switched off and switches on after a day of better forecasts', () => {
    const judge = new ForecastJudge()
    expect(judge.state.on).toBe(false)
    expect(hoursToSwitch(judge, scores(0.8, 0.7, 0.6))).toBe(24)
    expect(judge.state.on).toBe(true)
  })

  test('stays off where one of the lists that know no hour is as good', () => {
    expect(hoursToSwitch(new ForecastJudge(), scores(0.8, 0.8, 0.5))).toBe(0)
    expect(hoursToSwitch(new ForecastJudge(), scores(0.8, 0.5, 0.8))).toBe(0)
    expect(hoursToSwitch(new ForecastJudge(), scores(0.8, 0.79, 0.5))).toBe(0)
  })

  test('switches off within two days of forecasts that are no better any more, and on again', () => {
    const judge = new ForecastJudge()
    for (let hour = 0; hour < 240; hour += 1) judge.judge(scores(0.8, 0.75, 0.6))
    const off = hoursToSwitch(judge, scores(0.6, 0.65, 0.6))
    expect(judge.state.on).toBe(false)
    expect(off).toBeGreaterThan(2)
    expect(off).toBeLessThan(48)
    const on = hoursToSwitch(judge, scores(0.8, 0.7, 0.6))
    expect(judge.state.on).toBe(true)
    expect(on).toBeGreaterThan(2)
    expect(on).toBeLessThan(48)
  })

  test('does not switch back and forth at the border', () => {
    const judge = new ForecastJudge()
    let switched = 0
    for (let hour = 0; hour < 480; hour += 1) {
      if (judge.judge(scores(hour % 2 === 0 ? 0.72 : 0.7, 0.7, 0.5))) switched += 1
    }
    expect(switched).toBeLessThanOrEqual(1)
  })

  test('switches off when hardly a key is forecast any more', () => {
    const judge = new ForecastJudge()
    for (let hour = 0; hour < 48; hour += 1) judge.judge(scores(0.8, 0.7, 0.6))
    expect(hoursToSwitch(judge, scores(0, 0, 0))).toBeGreaterThan(12)
    expect(judge.state.on).toBe(false)
  })

  test('an hour weighs by the loads that were at stake', () => {
    const judge = new ForecastJudge()
    for (let hour = 0; hour < 240; hour += 1) {
      judge.judge(scores(0.8, 0.7, 0.6))
      judge.judge({ ...scores(0.1, 0.7, 0.6), keys: 2 })
    }
    expect(judge.state.on).toBe(true)
  })

  test('a list that is good in one thing and poor in the other is poor', () => {
    const judge = new ForecastJudge()
    const poor = { precision: 0.05, recall: 0.95 }
    expect(hoursToSwitch(judge, { ...scores(0, 0.3, 0.3), forecast: poor })).toBe(0)
  })

  test('goes on after a restart where it was', () => {
    const judge = new ForecastJudge()
    for (let hour = 0; hour < 30; hour += 1) judge.judge(scores(0.8, 0.7, 0.6))
    const next = new ForecastJudge()
    next.restore(judge.state)
    expect(next.state).toEqual(judge.state)
  })

  test('takes lists of which nothing was read for the worst', () => {
    const judge = new ForecastJudge()
    judge.judge(scores(0, 0, 0))
    judge.judge({ ...scores(0, 0, 0), keys: 0 })
    expect(judge.state.averages).toEqual([0, 0, 0])
  })
})
