/** Health by what is told of the parts of a cache: each cause raised, and over. */

import { describe, expect, test } from 'vitest'
import { QueueFullError } from '../contracts/errors.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { Observed } from '../contracts/observer.ts'
import type { CacheUsage } from '../contracts/usage.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { createMetrics } from './create-metrics.ts'

const INVALIDATIONS: CacheUsage['invalidations'] = {
  total: 0,
  local: 0,
  external: 0,
  remote: 0,
  replayed: 0,
  perSecond: 0,
  latency: undefined,
}

function setup() {
  const clock = new FakeClock()
  const observer = createMetrics({
    cache: 'shop',
    instance: 'one',
    clock,
    report: () => {},
    patterns: 10,
    hasShared: true,
    bounds: undefined,
    thresholds: {
      hitRate: 0.7,
      patternHitRate: true,
      minReads: 1_000,
      size: 0.8,
      cleanUpFailures: 3,
      queueAgeMs: 60_000,
      deadLetters: 1,
    },
    declared: () => undefined,
  })
  const observed = (shared?: Observed['shared']): Observed => ({
    memory: { entries: 0, bytes: 0, weight: 0 },
    shared,
    coherence: undefined,
    invalidations: INVALIDATIONS,
    pending: 0,
    queues: [],
  })
  const codes = (shared?: Observed['shared']): string[] =>
    observer.health(observed(shared)).reasons.map(({ code, state }) => `${code} ${state}`)
  return { clock, observer, codes }
}

const AUDIT = { type: 'audit', sampled: 20, unsure: 0, withinMs: 1_000, nines: 1 } as const
const QUEUE = { type: 'queue', pattern: 'order:*', count: 1, error: undefined } as const
const FAILED: CacheEvent = { type: 'clean-up-failed', pattern: '*', error: undefined }
const DONE: CacheEvent = {
  type: 'clean-up',
  pattern: '*',
  outcome: 'done',
  resumed: false,
  removed: 0,
  before: 0,
  after: 0,
  memory: undefined,
  copies: 0,
  durationMs: 1,
}

function connection(
  tier: 'shared' | 'source',
  state: Extract<CacheEvent, { type: 'connection' }>['state'],
): CacheEvent {
  return {
    type: 'connection',
    tier,
    pattern: tier === 'shared' ? '*' : 'order:*',
    state,
    reason: 'it',
  }
}

describe('health', () => {
  test.each<[string, readonly CacheEvent[], readonly CacheEvent[]]>([
    ['shared-away degraded', [connection('shared', 'open')], [connection('shared', 'closed')]],
    ['shared-away degraded', [connection('shared', 'half-open')], [connection('shared', 'closed')]],
    ['shared-blind degraded', [connection('shared', 'blind')], [connection('shared', 'followed')]],
    ['source-away unhealthy', [connection('source', 'open')], [connection('source', 'closed')]],
    [
      'source-away unhealthy',
      [{ ...QUEUE, state: 'away', waiting: 3, oldestMs: 10 }],
      [{ ...QUEUE, state: 'applied', waiting: 0, oldestMs: 0 }],
    ],
    [
      'queue-age degraded',
      [{ ...QUEUE, state: 'retried', waiting: 3, oldestMs: 60_000 }],
      [{ ...QUEUE, state: 'applied', waiting: 0, oldestMs: 0 }],
    ],
    ['clean-up-failing degraded', [FAILED, FAILED, FAILED], [DONE]],
    [
      'stale-copies degraded',
      [{ ...AUDIT, consistent: 19, stale: 1 }],
      [{ ...AUDIT, consistent: 20, stale: 0 }],
    ],
  ])('has the reason %s, and no more when it is over', (code, trouble, end) => {
    const { observer, codes } = setup()
    for (const event of trouble) observer.hear(event)
    expect(codes()).toEqual([code])
    for (const event of end) observer.hear(event)
    expect(codes()).toEqual([])
  })

  test('says that there are dead letters until a status says that there are none', () => {
    const { observer, codes } = setup()
    observer.hear({ ...QUEUE, state: 'dead', waiting: 0, oldestMs: 0 })
    expect(codes()).toEqual(['dead-letters degraded'])
    expect(observer.withDeadLetters).toEqual(['order:*'])
    const status = { type: 'queue-status', pattern: 'order:*', waiting: 0, oldestMs: 0 } as const
    observer.hear({ ...status, deadLetters: 0 })
    expect(codes()).toEqual([])
    expect(observer.withDeadLetters).toEqual([])
  })

  test('says for ten minutes that a cached value was not what the source has', async () => {
    const { clock, observer, codes } = setup()
    observer.hear({ type: 'shadow', pattern: 'order:*', outcome: 'different', count: 1 })
    expect(codes()).toEqual(['shadow-differs degraded'])
    await clock.advance(600_001)
    expect(codes()).toEqual([])
  })

  test('says for a minute that a queue has refused a write', async () => {
    const { clock, observer, codes } = setup()
    const error = new QueueFullError('order:*', 100)
    const kind = { kind: 'put', outcome: 'failed', count: 1, durationMs: 1, error } as const
    observer.hear({ type: 'write', pattern: 'order:*', ...kind })
    expect(codes()).toEqual(['queue-full unhealthy'])
    await clock.advance(60_000)
    expect(codes()).toEqual([])
  })

  test('says that the shared tier is 80 % full', () => {
    const { codes } = setup()
    expect(codes({ entries: 1, bytes: 80, maxBytes: 100 })).toEqual(['shared-full degraded'])
    expect(codes({ entries: 1, bytes: 60, maxBytes: 100 })).toEqual([])
    expect(codes({ entries: 1, bytes: 80, maxBytes: Number.POSITIVE_INFINITY })).toEqual([])
  })

  test('tells the worst first', () => {
    const { observer, codes } = setup()
    observer.hear(connection('shared', 'blind'))
    observer.hear(connection('source', 'open'))
    expect(codes()).toEqual(['source-away unhealthy', 'shared-blind degraded'])
  })
})
