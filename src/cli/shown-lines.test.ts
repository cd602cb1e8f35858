import { expect, test } from 'vitest'
import { createCache, type MetricsSnapshot } from '../index.ts'
import type { EntryAnswer } from './entry-answer.ts'
import { entryLines } from './entry-lines.ts'
import { patternLines } from './pattern-lines.ts'
import { snapshotLines } from './snapshot-lines.ts'
import { tierLines } from './tier-lines.ts'
import { watchTick } from './watch-tick.ts'

const ENTRY: EntryAnswer = {
  via: 'redis',
  where: 'redis://a',
  collection: 'order',
  key: '7',
  keyType: 'number',
  found: true,
  state: 'pending',
  tiers: ['shared'],
  ageMs: 1_000,
  freshUntil: null,
  graceUntil: null,
  loadMs: null,
  tags: [],
  schemaVersion: null,
  sizeBytes: 10,
  absent: true,
  memory: null,
  shared: null,
  shard: 3,
  codec: 'json',
  compression: 'zstd',
  writes: [
    { kind: 'put', queuedMs: 90_000, attempts: 2, taken: true },
    { kind: 'remove', queuedMs: 10, attempts: 0, taken: false },
  ],
  deadLetter: { error: 'no\u0007 row', diedAt: 0 },
}

test('an entry is shown with what waits under its key', () => {
  const text = entryLines(ENTRY, 0).join('\n')
  expect(text).toContain('order 7\n')
  expect(text).toContain('put, for 1 m 30 s, 2 tries, on its way')
  expect(text).toContain('remove, for 10 ms\n')
  expect(text).toContain('1970-01-01 00:00:00 UTC: no\\u{7} row')
  expect(text).toContain('the source has nothing under this key')
  expect(text).toContain('fresh until  no end')
})

test('an entry of two tiers is shown with the life of each', () => {
  const life = { ageMs: 1, freshUntil: 5_000, graceUntil: 9_000, sizeBytes: 5 }
  const both = { ...ENTRY, memory: { ...life, freshUntil: -5_000 }, shared: life }
  const text = entryLines(both, 0).join('\n')
  expect(text).toMatch(/in memory +fresh until 1969-12-31 23:59:55 UTC \(5\.0 s ago\)/)
  expect(text).toMatch(/shared +fresh until 1970-01-01 00:00:05 UTC \(in 5\.0 s\)/)
})

async function snapshot(): Promise<MetricsSnapshot> {
  await using cache = createCache({ name: 'shop', instance: 'shop-1' })
  const products = cache.collection('product', { source: (id: number) => ({ id }) })
  for (let id = 0; id < 9; id += 1) await products.get(id % 3)
  await products.delete(1)
  return await cache.stats()
}

const TROUBLE = {
  health: {
    state: 'degraded',
    reasons: [
      {
        code: 'queue-age',
        pattern: 'order:*',
        state: 'degraded',
        message: 'writes wait',
        cure: 'see to the source',
        since: 0,
      },
    ],
  },
  coherence: {
    ...{ shards: 4, connected: 3, blindMs: 90, hints: 1, gaps: 1, follows: 1, epochs: 4 },
    ...{ delayP50Ms: 0.4, delayP99Ms: 12 },
  },
  shared: { entries: 1, bytes: 2_048, maxBytes: 4_096 },
  queues: [
    {
      pattern: 'order:*',
      applied: 1,
      superseded: 0,
      retried: 0,
      dead: 2,
      lost: 0,
      calls: 4,
      failedCalls: 1,
      attempts: 9,
      batch: 2,
      callLatency: { p50Ms: 2, p95Ms: 3, p99Ms: 4 },
      waiting: 3,
      bytes: 2_048,
      oldestMs: 70_000,
      away: true,
    },
  ],
  audit: { at: 0, sampled: 20, consistent: 19, stale: 1, unsure: 0, nines: 1.3 },
  otherPatterns: 7,
} as const

test('figures are shown with what is wrong, and how much is not shown', async () => {
  const stats = { ...(await snapshot()), at: 60_000, ...TROUBLE }
  const text = snapshotLines(stats, 1).join('\n')
  expect(text).toContain('health     degraded\n  degraded  order:*: writes wait (for 1 m)\n')
  expect(text).toContain('    see to the source\n')
  expect(text).toContain('shared     1 entry, 2.0 kB of 4.0 kB')
  expect(text).toContain(
    '3 of 4 shards followed, last beat 90 ms ago, 1 gap, changes known within 12 ms (p99)',
  )
  expect(text).toContain('audit      1.3 nines; of the last 20, 1 stale')
  expect(text).toContain('order:* (its source is away)')
  expect(text).toMatch(/\.\.\. and \d more patterns/)
})

test('one pattern is shown with all that is counted of it', async () => {
  const { patterns } = await snapshot()
  const pattern = patterns.find((one) => one.pattern === 'product:*')
  if (pattern === undefined) throw new Error('It was read.')
  const text = patternLines({
    ...pattern,
    workload: 'read-heavy',
    shadow: { same: 9, different: 1, failed: 0 },
    compression: { bytesBefore: 2_048, bytesAfter: 1_024, durationMs: 3 },
    verdict: {
      ...pattern.verdict,
      grade: 'low',
      cause: 'short-life',
      advice: 'Let entries live longer.',
      contradiction: 'It is written more than it is read.',
    },
  }).join('\n')
  expect(text).toContain('product:*  read-heavy\nverdict    low: short-life (excellent from')
  expect(text).toContain('  Let entries live longer.\n  It is written more than it is read.\n')
  expect(text).toContain('shadow     9 same, 1 different\n')
  expect(text).toContain('compressed 2.0 kB to 1.0 kB in 3 ms')
  expect(text).toMatch(/^load +source +3 /m)
})

test('a picture of trouble has its colours, and rates begin anew with another process', async () => {
  const before = await snapshot()
  const now = { ...before, at: 60_000, forMs: before.forMs + 1_000, ...TROUBLE }
  const looks = { where: 'http://a', now, fleet: [] }
  const tick = watchTick({ ...looks, before })
  const toned = (tone: string) => tick.lines.filter((line) => line.tone === tone)
  expect(toned('bad').map(({ text }) => text)).toEqual([
    'queue      3 writes wait, the oldest for 1 m 10 s; 2 dead letters',
  ])
  expect(toned('warn')).toHaveLength(4)
  expect(tick.line).toContain('degraded  reads 0/s  hits -  loads 0/s')
  expect(tick.line).toContain('waiting 3  (queue-age order:*)')
  const other = watchTick({ ...looks, before: { ...before, instance: 'shop-2' } })
  expect(other.line).not.toContain('reads 0/s')
})

test('a tier is shown with its queues', () => {
  const lines = tierLines({
    via: 'sqlite',
    where: '/a.db',
    cache: 'shop',
    at: 0,
    shards: 1,
    entries: 2,
    bytes: 10,
    maxBytes: 100,
    collections: ['', 'order'],
    instances: [],
    fleet: [],
    queues: [{ collection: 'order', waiting: 1, bytes: 5, oldestMs: 9, deadLetters: 0 }],
  })
  expect(lines.join('\n')).toBe(`shop  /a.db
entries    2, 10 B of 100 B, in 1 shard
instances  none follows it now
of         plain keys, order

collection  waiting  bytes  oldest  dead letters
order             1    5 B    9 ms             0`)
})
