import { describe, expect, test } from 'vitest'
import type { Measurement } from '../src/measure/contestant.ts'
import { summarise } from '../src/measure/summarise.ts'
import { LatencyHistogram } from '../src/replay/latency-histogram.ts'
import { LruShadow } from '../src/replay/lru-shadow.ts'
import { benchMarkdown } from '../src/report/bench-markdown.ts'
import { withMeasured } from '../src/report/bench-page.ts'
import { benchRow } from '../src/report/bench-row.ts'
import { benchText } from '../src/report/bench-text.ts'

/** One case with three samples a subject; the peers' medians are 90 and 400. */
function setup(change: Partial<Measurement> = {}) {
  const measurement: Measurement = {
    suite: 'hit',
    case: 'getOrLoad hit',
    unit: 'ns',
    better: 'lower',
    series: [
      { name: 'async Map.get', role: 'limit', samples: [80, 75, 100] },
      { name: 'tiercel', role: 'ours', samples: [100, 96, 900] },
      { name: 'one', role: 'peer', samples: [90, 90, 90] },
      { name: 'other', role: 'peer', samples: [400, 300, 500] },
    ],
    ...change,
  }
  const setting = {
    machine: 'a machine',
    node: '24',
    versions: {},
    date: 'today',
    command: 'bench',
  }
  return { measurement, setting }
}

describe('summarise', () => {
  test('takes the middle of an odd number of samples and is not moved by an outlier', () => {
    expect(summarise([5, 1, 1000]).median).toBe(5)
  })

  test('takes the mean of the two in the middle of an even number', () => {
    expect(summarise([4, 1, 2, 3]).median).toBe(2.5)
  })

  test('gives the quartiles', () => {
    expect(summarise([50, 10, 30, 20, 40])).toEqual({ median: 30, low: 20, high: 40 })
  })

  test('refuses to summarise nothing', () => {
    expect(() => summarise([])).toThrow(RangeError)
  })
})

describe('benchRow', () => {
  test('compares medians with the limit and with the best peer', () => {
    const { measurement } = setup()
    expect(benchRow(measurement).row).toEqual({
      suite: 'hit',
      case: 'getOrLoad hit',
      unit: 'ns',
      better: 'lower',
      ours: 100,
      limit: 80,
      peers: { one: 90, other: 400 },
      ratioToLimit: 1.25,
      ratioToBestPeer: 1.111,
    })
  })

  test('takes the largest peer as the best where higher is better', () => {
    const { measurement } = setup({ better: 'higher' })
    expect(benchRow(measurement).row.ratioToBestPeer).toBe(0.25)
  })

  test('takes nothing and nothing for alike, and nothing for less than something', () => {
    const { measurement } = setup()
    const series = measurement.series.map((each) => ({ ...each, samples: [0] }))
    const lossless = { ...measurement, series }
    expect(benchRow(lossless).row).toMatchObject({ ratioToLimit: 1, ratioToBestPeer: 1 })
    const losing = series.map((each) => (each.role === 'ours' ? each : { ...each, samples: [3] }))
    expect(benchRow({ ...measurement, series: losing }).row.ratioToBestPeer).toBe(0)
  })

  test('refuses a case that nobody else took part in', () => {
    const { measurement } = setup()
    const alone = { ...measurement, series: measurement.series.slice(0, 2) }
    expect(() => benchRow(alone)).toThrow('has no peer')
  })
})

describe('benchMarkdown', () => {
  test('marks a row that a peer wins', () => {
    const { measurement, setting } = setup()
    expect(benchMarkdown(setting, [benchRow(measurement)])).toContain('**lost**')
  })

  test('leaves a row unmarked that we win', () => {
    const { measurement, setting } = setup({ better: 'higher' })
    const series = measurement.series.map((each) =>
      each.role === 'ours' ? { ...each, samples: [1000] } : each,
    )
    expect(benchMarkdown(setting, [benchRow({ ...measurement, series })])).not.toContain('**lost**')
  })
})

describe('the page of benchmarks', () => {
  test('has the new table of a suite in the place of the old one, and all else as it was', () => {
    const { measurement, setting } = setup()
    const hit = benchRow(measurement)
    const other = benchRow({ ...measurement, suite: 'l1' })
    const page = [
      ...['# Benchmarks\n\n## A hit\n', benchMarkdown({ ...setting, date: 'long ago' }, [hit])],
      ...['What it shows.\n\n## L1\n', benchMarkdown({ ...setting, date: 'yesterday' }, [other])],
    ].join('\n')

    const written = withMeasured(page, setting, [hit])
    expect(written).toBe(page.replace('long ago', 'today'))
    expect(withMeasured(written, setting, [hit])).toBe(written)
  })

  test('gets a table at its end of a suite that it had none of', () => {
    const { measurement, setting } = setup()
    const row = benchRow({ ...measurement, suite: 'stats' })
    const written = withMeasured('# Benchmarks\n', setting, [row])
    expect(written).toBe(`# Benchmarks\n\n## The suite stats\n\n${benchMarkdown(setting, [row])}`)
    expect(withMeasured(written, setting, [row])).toBe(written)
  })
})

test('the table in the terminal puts the best first', () => {
  const { measurement } = setup()
  const text = benchText([benchRow(measurement)])
  const order = ['limit', 'one', 'tiercel', 'other'].map((name) => text.indexOf(`\n${name} `))
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(order).not.toContain(-1)
})

describe('LatencyHistogram', () => {
  test('answers percentiles within 2.2 % and the maximum exactly', () => {
    const histogram = new LatencyHistogram()
    for (let us = 1; us <= 1000; us += 1) histogram.record(us / 1000)
    expect(histogram.quantile(0.5) / 0.5).toBeGreaterThanOrEqual(1)
    expect(histogram.quantile(0.5) / 0.5).toBeLessThan(1.022)
    expect(histogram.quantile(0.99) / 0.99).toBeLessThan(1.022)
    expect(histogram.quantile(1)).toBe(1)
    expect(histogram.maxMs).toBe(1)
  })

  test('answers 0 before anything was recorded', () => {
    expect(new LatencyHistogram().quantile(0.99)).toBe(0)
  })
})

test('the LRU that the memory tier is compared with drops the least recently used', () => {
  const lru = new LruShadow(2)
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) lru.request(key)
  expect(lru.hits).toBe(2)
})
