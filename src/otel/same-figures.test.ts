/** Every way out shows the same figures for the same moment. */

import { expect, test } from 'vitest'
import { type Collected, otelScene } from '../../test/exporters/otel-scene.ts'
import type { MetricsSnapshot } from '../contracts/metrics.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { createPrometheus } from '../prometheus/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { instrument } from './instrument.ts'

/** Reads, writes, failures and invalidations, drawn by chance. */
async function traffic(seed: number) {
  const clock = new FakeClock()
  const random = new SeededRandom(seed)
  const cache = createCache(
    { name: 'shop', shared: memoryTier(), logger: { level: 'silent', warn() {}, error() {} } },
    { clock },
  )
  await clock.advance(100)
  await cache.ready()
  const draw = (below: number): number => Math.floor(random.next() * below)
  const collections = ['product', 'user', 'cart'].map((name) =>
    cache.collection<number, string>(name, {
      source: (key) => {
        if (key % 11 === 0) throw new Error('The source fails.')
        return key % 7 === 0 ? undefined : `${name} ${key}`
      },
      ttl: '10s',
    }),
  )
  for (let step = 0; step < 400; step += 1) {
    const collection = collections[draw(3)]
    const key = draw(40)
    switch (draw(8)) {
      case 0:
        await cache.set(`plain ${key}`, key)
        break
      case 1:
        await collection?.delete(key)
        break
      case 2:
        await cache.get(`plain ${key}`)
        break
      case 3:
        await clock.advance(draw(300))
        break
      default:
        await collection?.get(key).catch(() => undefined)
    }
  }
  return { clock, cache }
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0)

/** Of one pattern, as each way out tells it. */
function figuresOf(
  snapshot: MetricsSnapshot,
): readonly (readonly [string, Record<string, string>, number])[] {
  return snapshot.patterns.flatMap((of) => {
    const { pattern, hits, misses, memory, shared, loads, writes, invalidations, removals } = of
    return [
      ['hits', { pattern }, hits],
      ['misses', { pattern }, misses],
      ['tier.hits', { pattern, tier: 'memory' }, memory.hits],
      ['tier.misses', { pattern, tier: 'memory' }, memory.misses],
      ['tier.hits', { pattern, tier: 'shared' }, shared.hits],
      ['tier.misses', { pattern, tier: 'shared' }, shared.misses],
      ['loads', { pattern, outcome: 'loaded' }, loads.loaded],
      ['loads', { pattern, outcome: 'absent' }, loads.absent],
      ['loads', { pattern, outcome: 'failed' }, loads.failed],
      ['writes', { pattern, kind: 'set' }, writes.set],
      ['pattern.invalidations', { pattern }, invalidations],
      ['removals', { pattern, tier: 'memory', cause: 'expired' }, removals.memory.expired],
    ] as const
  })
}

function told(lines: readonly string[], name: string, labels: Record<string, string>): number {
  const start = `tiercel_${name.replaceAll('.', '_')}_total{`
  const found = lines.filter(
    (line) =>
      line.startsWith(start) &&
      Object.entries(labels).every(([label, value]) => line.includes(`,${label}="${value}"`)),
  )
  expect(found, `${name} ${JSON.stringify(labels)}`).toHaveLength(1)
  return Number(found[0]?.split(' ').at(-1))
}

function observed(all: readonly Collected[], name: string, labels: Record<string, string>): number {
  const found = all.filter(
    (one) =>
      one.name === `tiercel.${name}` &&
      Object.entries(labels).every(
        ([label, value]) => one.attributes[`tiercel.${label}`] === value,
      ),
  )
  expect(found, `${name} ${JSON.stringify(labels)}`).toHaveLength(1)
  return found[0]?.value ?? Number.NaN
}

test.each([1, 2, 3])(
  'Prometheus, OpenTelemetry and stats() agree, and add up (seed %i)',
  async (seed) => {
    const { cache } = await traffic(seed)
    using scene = otelScene()
    using _instrumented = instrument(cache, { tracer: 'off', meter: scene.meters.getMeter('test') })
    const snapshot = await cache.stats()
    const all = await scene.collect()
    const { body } = await createPrometheus(cache).scrape()
    const lines = body.split('\n')

    const figures = figuresOf(snapshot)
    expect(figures.length).toBeGreaterThan(40)
    for (const [name, labels, value] of figures) {
      expect.soft(told(lines, name, labels), name).toBe(value)
      expect.soft(observed(all, name, labels), name).toBe(value)
    }
    const { total, patterns } = snapshot
    for (const read of ['hits', 'misses', 'stale', 'invalidations', 'undecodable'] as const) {
      expect.soft(sum(patterns.map((of) => of[read])), read).toBe(total[read])
    }
    expect(sum(patterns.map(({ loads }) => loads.loaded))).toBe(total.loads.loaded)
    expect(total.hits).toBeGreaterThan(50)
    await cache.close()
  },
)
