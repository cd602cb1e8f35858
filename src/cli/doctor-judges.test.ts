import { describe, expect, test } from 'vitest'
import type { MetricsSnapshot } from '../index.ts'
import { createCache } from '../index.ts'
import type { ExaminedNode, RedisExamination } from '../redis/index.ts'
import type { SqliteExamination } from '../sqlite/index.ts'
import { judgeReport } from './doctor-admin.ts'
import { doctorLines } from './doctor-lines.ts'
import { judgeRedis } from './doctor-redis.ts'
import { judgeSqlite } from './doctor-sqlite.ts'
import { judgeTier } from './doctor-tier.ts'
import type { Examined } from './finding.ts'
import type { TierAnswer } from './tier-answer.ts'

const NODE: ExaminedNode = {
  node: 'a:6379',
  software: 'valkey',
  version: '8.0.1',
  isCluster: false,
  role: 'master',
  maxMemoryBytes: 1_000_000,
  maxMemoryPolicy: 'volatile-lru',
  appendOnly: true,
  appendFsync: 'always',
  noAppendFsyncOnRewrite: false,
  replicas: 0,
  minReplicasToWrite: 0,
  minReplicasMaxLagSeconds: 10,
  infoInScripts: true,
  refused: [],
  roundTripMs: 1,
  clockAheadMs: 0,
  usedMemoryBytes: 1_000,
  evictedKeys: 0,
  uptimeSeconds: 10,
  problems: [],
}

const CACHE = {
  shards: 4,
  protocol: 1,
  protocolHere: 1,
  entries: [10, 10, 10, 10],
  collections: { '': 40 },
  queues: [],
  complete: true,
  several: false,
}

function codes({ findings }: Examined): readonly string[] {
  return findings.map(({ code, severity }) => `${severity} ${code}`)
}

describe('a server', () => {
  const judge = (node: Partial<ExaminedNode>, cache: Partial<typeof CACHE> = {}) => {
    const seen: RedisExamination = {
      state: 'answers',
      nodes: [{ ...NODE, ...node }],
      cache: { ...CACHE, ...cache },
    }
    return judgeRedis(seen, 'redis://a:6379', 'shop')
  }

  test.each([
    [{}, {}, []],
    [{ roundTripMs: 50 }, {}, ['warn slow-server']],
    [{ clockAheadMs: 2_000 }, {}, ['warn clock']],
    [{ clockAheadMs: -2_000 }, {}, ['warn clock']],
    // Within what half a round trip leaves open.
    [{ clockAheadMs: 505, roundTripMs: 18 }, {}, []],
    [{ usedMemoryBytes: 900_000 }, {}, ['warn memory']],
    [{ maxMemoryBytes: 0 }, {}, ['warn memory']],
    [{ evictedKeys: 7 }, {}, ['warn evictions']],
    [{ maxMemoryBytes: undefined, usedMemoryBytes: undefined, evictedKeys: undefined }, {}, []],
    [{}, { protocol: 2 }, ['bad protocol']],
    [{}, { several: true, entries: [0, 5_000, 0, 0] }, ['warn several-servers']],
    [{}, { entries: [0, 2_000, 0, 0] }, ['warn uneven-shards']],
    // Of few entries, chance alone makes shards uneven.
    [{}, { entries: [0, 900, 0, 0] }, []],
  ] as const)('is judged by what it is: %o %o', (node, cache, expected) => {
    const judged = judge(node, cache as Partial<typeof CACHE>)
    expect(codes(judged)).toEqual(expected)
    for (const { message, cure, about } of judged.findings) {
      expect([message, cure, about].every((words) => words.length > 0)).toBe(true)
    }
  })

  test('is shown in one line, and the cache in another', () => {
    const { facts } = judge({ version: '', appendOnly: false }, { complete: false })
    expect(facts.map(({ value }) => value)).toEqual([
      'Valkey ? at redis://a:6379, answers in 1 ms, clock +0 ms, 1000 B of 976.6 kB, volatile-lru, nothing on disk, 0 replicas',
      'shop: at least 40 entries in 4 shards (plain keys 40)',
    ])
  })
})

describe('a file', () => {
  const FILE: SqliteExamination = {
    state: 'answers',
    layout: 4,
    layoutHere: 4,
    caches: [{ name: 'shop', entries: 1, bytes: 2, collections: { product: 1 }, queues: [] }],
    fileBytes: 64 * 2 ** 20,
    freeBytes: 0,
    damage: [],
  }

  test.each([
    [{}, []],
    [{ damage: ['row 5 missing from index'] }, ['bad file']],
    [{ layout: 5 }, ['bad protocol']],
    [{ layout: 3, caches: [] }, ['warn protocol']],
    [{ freeBytes: 48 * 2 ** 20 }, ['warn file-space']],
    [{ caches: [] }, ['warn no-cache']],
  ])('is judged by what stands in it: %o', (part, expected) => {
    expect(codes(judgeSqlite({ ...FILE, ...part }, '/a.db', 'shop'))).toEqual(expected)
  })

  test('that cannot be read is away, and one of another program is not', () => {
    const unreadable = judgeSqlite({ state: 'unreadable', fault: 'no right' }, '/a.db', 'shop')
    expect([codes(unreadable), unreadable.away]).toEqual([['bad file'], true])
    const foreign = judgeSqlite({ state: 'foreign' }, '/a.db', 'shop')
    expect([codes(foreign), foreign.away]).toEqual([['bad file'], false])
  })
})

describe('what stands in the tier', () => {
  const TIER: TierAnswer = {
    via: 'redis',
    where: 'redis://a:6379',
    cache: 'shop',
    at: 0,
    shards: 4,
    entries: 1,
    bytes: 1,
    maxBytes: null,
    collections: [],
    instances: [],
    fleet: [],
    queues: [],
  }
  const queue = { collection: 'order', waiting: 0, bytes: 0, oldestMs: 0, deadLetters: 0 }

  test.each([
    [{}, true, []],
    [{ instances: [{ instance: 'a', shards: 4, lastBeatMs: 100, behind: 3 }] }, true, []],
    [
      { instances: [{ instance: 'a', shards: 4, lastBeatMs: 5_000, behind: 1 }] },
      true,
      ['warn instance-behind'],
    ],
    [{ queues: [{ ...queue, deadLetters: 1 }] }, true, ['bad dead-letters']],
    [{ queues: [{ ...queue, waiting: 2, oldestMs: 90_000 }] }, true, ['warn queue-age']],
    [{ queues: [{ ...queue, waiting: 1, oldestMs: 10 }] }, false, ['warn queue-durability']],
  ])('is judged: %o', (part, keepsWrites, expected) => {
    expect(codes(judgeTier({ ...TIER, ...part }, keepsWrites))).toEqual(expected)
  })
})

describe('what an instance tells', () => {
  async function snapshot(): Promise<MetricsSnapshot> {
    await using cache = createCache({ name: 'shop', instance: 'shop-1' })
    cache.collection('product', { source: (id: number) => id })
    await cache.set('a', 1)
    await cache.get('a')
    return await cache.stats()
  }

  test('of itself becomes findings with its own cures', async () => {
    const stats = await snapshot()
    const told = (part: Partial<MetricsSnapshot>) =>
      codes({
        facts: [],
        findings: judgeReport({ instance: 'shop-1', stats: { ...stats, ...part } }),
      })
    const reason = { code: 'memory-full', message: 'm', cure: 'c', since: 0 } as const
    const [pattern] = stats.patterns
    if (pattern === undefined) throw new Error('One pattern was read.')
    const counts = { shards: 1, connected: 0, hints: 0, gaps: 0, follows: 0, epochs: 0 }
    const coherence = { ...counts, delayP50Ms: null, delayP99Ms: null }
    const audit = { at: 0, sampled: 20, consistent: 18, stale: 2, unsure: 0, nines: 1 }
    expect(told({})).toEqual([])
    expect(
      told({
        health: {
          state: 'unhealthy',
          reasons: [
            { ...reason, state: 'unhealthy', pattern: 'product:*' },
            { ...reason, state: 'degraded', pattern: '*' },
          ],
        },
      }),
    ).toEqual(['bad health', 'warn health'])
    expect(told({ coherence: { ...coherence, blindMs: 5_000 } })).toEqual(['bad instance-blind'])
    expect(told({ coherence: { ...coherence, blindMs: null } })).toEqual(['bad instance-blind'])
    expect(told({ coherence: { ...coherence, blindMs: 500 } })).toEqual([])
    expect(told({ audit })).toEqual(['bad stale-copies'])
    expect(told({ audit: { ...audit, stale: 0 } })).toEqual([])
    const verdict = { ...pattern.verdict, contradiction: 'it is written more than it is read' }
    expect(told({ patterns: [{ ...pattern, verdict }] })).toEqual(['warn workload'])
  })

  test('is told the worst first, with nobody naming the server twice', () => {
    const finding = { code: 'memory', cure: 'mend it', message: 'full' } as const
    const lines = doctorLines({
      facts: [],
      findings: [
        { ...finding, severity: 'warn', about: 'a' },
        { ...finding, severity: 'bad', about: 'b', message: 'b: is full' },
      ],
    })
    expect(lines).toEqual([
      '2 findings:',
      'BAD   memory  b: is full',
      '      mend it',
      'warn  memory  a: full',
      '      mend it',
    ])
  })
})
