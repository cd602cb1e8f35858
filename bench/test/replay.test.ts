import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../src/measure/temporary-folder.ts'
import { progressLine } from '../src/replay/progress-line.ts'
import type { ReplayOptions } from '../src/replay/replay-options.ts'
import { replayPicture } from '../src/replay/replay-picture.ts'
import { runReplay } from '../src/replay/run-replay.ts'

/** A small generated trace, replayed, with what was written meanwhile. */
async function setup(change: Partial<ReplayOptions> = {}) {
  const written: string[] = []
  const progress = progressLine({ write: (text) => written.push(text) }, () => 0)
  const report = await runReplay(
    {
      trace: { kind: 'zipf', requests: 3000, keys: 400, skew: 0.9, seed: 3 },
      requests: Number.POSITIVE_INFINITY,
      entries: 50,
      readers: 1,
      json: undefined,
      ...change,
    },
    progress,
  )
  return { report, written }
}

describe('a replay', () => {
  test('asks the source once for each key and answers the rest from the tiers', async () => {
    const { report } = await setup()
    expect(report.requests).toBe(3000)
    expect(report.sourceQueries).toBe(report.unique)
    expect(report.sourceQueriesWithout).toBe(3000)
    const fromSource = (100 * report.unique) / 3000
    expect(report.hitRate.memory + report.hitRate.shared + fromSource).toBeCloseTo(100, 1)
    expect(report.hitRate.shared).toBeGreaterThan(0)
  })

  test('stays within the bound of the memory tier and finds the hits of an LRU or so', async () => {
    const { report } = await setup()
    expect(report.entriesMax).toBeGreaterThan(40)
    expect(report.entriesMax).toBeLessThanOrEqual(50)
    expect(report.hitRate.memory).toBeGreaterThan(report.hitRateLru - 10)
  })

  test('is the same twice', async () => {
    const [first, second] = [await setup(), await setup()]
    expect(first.report.hitRate).toEqual(second.report.hitRate)
  })

  test('stops after the requests that were asked for, in whichever batch they end', async () => {
    const trace = { kind: 'zipf', requests: 10_000, keys: 100, skew: 1, seed: 3 } as const
    for (const requests of [700, 4096, 5000]) {
      expect((await setup({ trace, requests })).report.requests).toBe(requests)
    }
  })

  test('answers every request to several readers', async () => {
    const { report } = await setup({ readers: 8 })
    expect(report.sourceQueries).toBe(report.unique)
    expect(report.readers).toBe(8)
  })

  test('has the fields that programs rely on, as numbers', async () => {
    const { report } = await setup()
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      requests: expect.any(Number),
      hitRate: { memory: expect.any(Number), shared: expect.any(Number) },
      sourceQueries: expect.any(Number),
      sourceQueriesWithout: expect.any(Number),
      latencyMs: { p50: expect.any(Number), p99: expect.any(Number) },
    })
    expect(report.latencyMs.p50).toBeLessThanOrEqual(report.latencyMs.p99)
  })

  test('leaves no folder behind', async () => {
    const before = process.env['TMPDIR']
    await using folder = await temporaryFolder()
    process.env['TMPDIR'] = folder.path
    await setup().finally(() => {
      process.env['TMPDIR'] = before ?? ''
    })
    expect(await readdir(folder.path)).toEqual([])
  })
})

describe('the picture of a replay', () => {
  test('shows rates, queries and the LRU beside ours', async () => {
    const { report } = await setup()
    const picture = replayPicture({
      ...report,
      hitRate: { memory: 75, shared: 20 },
      hitRateLru: 50,
      sourceQueries: 150,
      sourceQueriesWithout: 3000,
    })
    expect(picture).toContain(`memory tier  ${'█'.repeat(30)}${'·'.repeat(10)}  75.00 %`)
    expect(picture).toContain(`LRU          ${'█'.repeat(20)}${'·'.repeat(20)}  50.00 %`)
    expect(picture).toContain('150  (20.0 times fewer)')
  })
})

describe('the progress', () => {
  test('is a line each tenth without a terminal, and begins again after an end', () => {
    const written: string[] = []
    const line = progressLine({ write: (text) => written.push(text) }, () => 0)
    for (let done = 1; done <= 100; done += 1) line.show(done, 100, 'note')
    expect(written).toHaveLength(10)
    expect(written[0]).toBe(' 10 %  10 of 100  note\n')
    line.end()
    line.show(10, 100, 'again')
    expect(written).toHaveLength(11)
  })

  test('is drawn over itself on a terminal, not too often', () => {
    const written: string[] = []
    let now = 0
    const line = progressLine({ isTTY: true, write: (text) => written.push(text) }, () => now)
    line.show(1, 10, '')
    line.show(2, 10, '')
    now = 100
    line.show(5, 10, '')
    expect(written).toHaveLength(2)
    expect(written[1]).toContain(`\r\u001B[K${'█'.repeat(15)}${'░'.repeat(15)}  50 %`)
  })

  test('counts without a bar where nobody knows the end', () => {
    const written: string[] = []
    const line = progressLine({ isTTY: true, write: (text) => written.push(text) }, () => 0)
    line.show(5, Number.POSITIVE_INFINITY, 'note')
    expect(written).toEqual(['\r\u001B[K5  note'])
  })
})
