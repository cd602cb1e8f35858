import { beforeAll, describe, expect, test } from 'vitest'
import { chartOfLoad } from '../src/load/load-chart.ts'
import { failuresOfLoad } from '../src/load/load-failures.ts'
import { loadJson } from '../src/load/load-json.ts'
import { loadMarkdown } from '../src/load/load-markdown.ts'
import { loadOptions } from '../src/load/load-options.ts'
import type { LoadReport } from '../src/load/load-report.ts'
import { loadText } from '../src/load/load-text.ts'
import { runLoad } from '../src/load/run-load.ts'
import { benchSetting } from '../src/report/bench-setting.ts'
import { UsageError } from '../src/usage-error.ts'

describe('the flags of the load', () => {
  test('are one instance that reads from SQLite', () => {
    expect(loadOptions([])).toMatchObject({ instances: 1, mix: 'read', on: 'sqlite' })
    expect(loadOptions([])).toMatchObject({ readsPerWrite: Number.POSITIVE_INFINITY })
  })

  test('take several instances to Redis and PostgreSQL, unless they say otherwise', () => {
    expect(loadOptions(['--instances', '3', '--mix', 'write'])).toMatchObject({
      instances: 3,
      mix: 'write',
      readsPerWrite: 1,
      on: 'servers',
    })
    expect(loadOptions(['--instances', '3', '--on', 'sqlite'])).toMatchObject({ on: 'sqlite' })
  })

  test.each([
    [['--mix', 'both'], '--mix to be read or write'],
    [['--ratio', '3'], '--mix write'],
    [['--on', 'mysql'], '--on to be sqlite or servers'],
    [['--instances', '0'], '--instances'],
    [['--instances', '16', '--connections', '8'], '--connections to be at least 16'],
    [['fast'], 'Unexpected argument'],
  ])('%j are refused with a word about %s', (args, about) => {
    expect(() => loadOptions(args)).toThrow(UsageError)
    expect(() => loadOptions(args)).toThrow(about)
  })
})

describe('a small load of reads and changes', () => {
  let report: LoadReport
  const told: string[] = []

  beforeAll(async () => {
    const args = ['--mix', 'write', '--seconds', '1', '--passes', '1', '--products', '200']
    const options = loadOptions([...args, '--connections', '8'])
    if ('help' in options) throw new Error('No help was asked for.')
    report = await runLoad(options, benchSetting(args, 'load'), (line) => told.push(line))
  }, 60_000)

  test('is answered on both sides, with no request refused', () => {
    for (const side of [report.on, report.off]) {
      // Other tests run beside it, on as few as two cores.
      expect(side.requests).toBeGreaterThan(5)
      expect(side.refused).toEqual({})
      expect(side.errors).toBe(0)
    }
    expect(told).toHaveLength(2)
  })

  test('asks the source once for each read where there is no cache, and seldom where there is one', () => {
    const { on, off } = report
    expect(off.answeredBy).toMatchObject({ memory: 0, shared: 0 })
    const reads = off.answeredBy.source
    const writes = off.requests - reads
    // A change reads the product first.
    expect(off.source.reads).toBeGreaterThanOrEqual(reads + writes)
    expect(off.source.writes).toBeGreaterThanOrEqual(writes)
    expect(on.source.reads / on.requests).toBeLessThan(off.source.reads / off.requests)
    expect(on.hitRate).toBeGreaterThan(0)
  })

  test('is judged: nothing was read staler than promised, nothing acknowledged is missing', () => {
    for (const { judged, atTheEnd, requests } of [report.on, report.off]) {
      expect(judged.reads + judged.writes).toBeGreaterThanOrEqual(requests)
      expect(judged).toMatchObject({ stale: 0, beyondBound: 0, unseen: 0, refused: 0 })
      expect(judged.changes).toBeGreaterThan(0)
      expect(atTheEnd).toMatchObject({ missing: 0, deadLetters: 0 })
      expect(atTheEnd.products).toBeGreaterThan(0)
    }
    expect(failuresOfLoad(report)).toEqual([])
  })

  test('fails for what is stale or lost, on either side', () => {
    const { on, off } = report
    const judged = { ...on.judged, beyondBound: 3 }
    const stale = { ...on, judged, tierFailures: 0 }
    const cutOff = { ...report, on: { ...stale, tierFailures: 1 } }
    expect(failuresOfLoad(cutOff)).toEqual([])
    const lost = { ...off, atTheEnd: { ...off.atTheEnd, missing: 1 } }
    expect(failuresOfLoad({ ...report, on: stale, off: lost })).toHaveLength(2)
  })

  test('is a table, a picture and numbers that JSON has words for', () => {
    expect(loadText(report)).toMatch(/^requests\/s +[\d,]+ +[\d,]+ +[\d.]+x$/m)
    expect(loadMarkdown(report)).toMatch(/^\| requests\/s \| [\d,]+ \| [\d,]+ \| [\d.]+x \|$/m)
    const chart = chartOfLoad(report)
    expect(chart).toMatch(/^<svg [^>]*xmlns=/)
    expect(chart).not.toMatch(/NaN|Infinity|undefined|<script/)
    const { with: cached, without, ...rest } = JSON.parse(loadJson(report))
    expect(rest).toEqual(report)
    const { hitRate, hitRateOverTime, stalenessMs, ...common } = cached
    expect(hitRate).toBe(report.on.hitRate)
    expect(hitRateOverTime.length).toBeGreaterThan(0)
    expect(Object.keys(stalenessMs)).toEqual(['p99', 'max'])
    expect(Object.keys(common)).toEqual(Object.keys(without))
    for (const name of ['requestsPerSecond', 'sourceQueries', 'cpuSeconds']) {
      expect(without[name]).toBeGreaterThan(0)
    }
    expect(without.latencyMs.p99).toBeGreaterThanOrEqual(without.latencyMs.p50)
  })
})
