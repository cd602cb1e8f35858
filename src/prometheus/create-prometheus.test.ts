import { Counter, Registry } from 'prom-client'
import { describe, expect, test } from 'vitest'
import { hasPromtool, promtool } from '../../test/exporters/promtool.ts'
import {
  numberPaths,
  type SampleOptions,
  sampleSnapshot,
  withAnotherNumber,
} from '../../test/exporters/sample-snapshot.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { ExemplarBucket } from '../contracts/exemplar.ts'
import type { MetricsSnapshot } from '../contracts/metrics.ts'
import { createPrometheus } from './create-prometheus.ts'

const OPEN_METRICS = 'application/openmetrics-text;version=1.0.0'

const counted = (options?: SampleOptions) => ({ stats: async () => sampleSnapshot(options) })

async function textOf(snapshot: MetricsSnapshot, accept?: string): Promise<string> {
  const { body } = await createPrometheus({ stats: async () => snapshot }).scrape(accept)
  return body
}

/** The samples of a text, by name and labels. */
function samplesOf(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [
      line.slice(0, line.lastIndexOf(' ')),
      line.slice(line.lastIndexOf(' ') + 1),
    ]),
  )
}

/** Sums and parts of what stands in other figures. */
const NOT_TOLD_TWICE = /^(total\.(?!hitRate|latency\.\d\.(p\d\d|max)Ms)|invalidations\.total$)/

describe('a snapshot', () => {
  const snapshot = sampleSnapshot()

  test.each(numberPaths(snapshot).filter((path) => !NOT_TOLD_TWICE.test(path)))(
    'is not told without %s',
    async (path) => {
      expect(await textOf(withAnotherNumber(snapshot, path))).not.toBe(await textOf(snapshot))
    },
  )

  test('is told with units, and names the cache and the instance in each line', async () => {
    const samples = samplesOf(await textOf(snapshot))
    const labels = 'cache="shop",instance="shop-1"'
    const [pattern] = snapshot.patterns
    expect(samples.get(`tiercel_hits_total{${labels},pattern="product:*"}`)).toBe(
      `${pattern?.hits}`,
    )
    expect(
      samples.get(`tiercel_tier_misses_total{${labels},pattern="product:*",tier="shared"}`),
    ).toBe(`${pattern?.shared.misses}`)
    expect(
      samples.get(`tiercel_compression_duration_seconds_total{${labels},pattern="product:*"}`),
    ).toBe(`${(pattern?.compression.durationMs ?? 0) / 1000}`)
    expect(samples.get(`tiercel_memory_size_bytes{${labels}}`)).toBe(`${snapshot.memory.bytes}`)
    expect(samples.get(`tiercel_queue_away{${labels},pattern="product:*"}`)).toBe('1')
    expect(samples.get(`tiercel_health_state{${labels},state="degraded"}`)).toBe('1')
    expect(
      samples.get(`tiercel_breaker_state{${labels},tier="shared",pattern="*",state="open"}`),
    ).toBe('0')
    for (const sample of samples.keys()) expect(sample).toContain(labels)
  })

  test('tells of how long things took as a histogram that adds up', async () => {
    const samples = samplesOf(await textOf(snapshot))
    const labels = 'cache="shop",instance="shop-1",pattern="*",operation="load",tier="source"'
    const latency = snapshot.patterns[1]?.latency[1]
    const name = 'tiercel_operation_duration_seconds'
    const below = ['0.001', '0.005', '0.01', '0.05', '0.1', '+Inf'].map((le) =>
      Number(samples.get(`${name}_bucket{${labels},le="${le}"}`)),
    )
    let sum = 0
    expect(below).toEqual(latency?.buckets.map((count) => (sum += count)))
    expect(samples.get(`${name}_sum{${labels}}`)).toBe(`${(latency?.sumMs ?? 0) / 1000}`)
    expect(samples.get(`${name}_count{${labels}}`)).toBe(`${latency?.count}`)
  })

  test('leaves out what is not known', async () => {
    const text = await textOf({
      ...snapshot,
      ...{ shared: null, coherence: null, audit: null, cleanUp: null, patterns: [], queues: [] },
      total: { ...snapshot.total, hitRate: null, latency: [] },
    })
    expect(text).not.toMatch(/null|NaN|undefined/)
    expect(text).not.toMatch(/^tiercel_(shared_entries|coherence|audit|cleanup|cache_hit)/m)
    expect(text).toContain('tiercel_shared_answering{cache="shop",instance="shop-1"} 0')
  })

  test('of a cache that was not used yet is told too', async () => {
    const { memory, ...rest } = snapshot
    const text = await textOf({ ...rest, memory: { ...memory, filled: null }, patterns: [] })
    expect(text).toContain('tiercel_memory_entries')
    expect(text).not.toContain('tiercel_memory_filled')
  })
})

describe('several caches', () => {
  test('stand under one head each', async () => {
    const caches = [counted(), counted({ cache: 'users' }), counted({ instance: 'shop-2' })]
    const { body } = await createPrometheus(caches).scrape()
    expect(body.match(/# TYPE tiercel_hits_total counter/g)).toHaveLength(1)
    expect(body.match(/^tiercel_memory_entries\{/gm)).toHaveLength(3)
  })

  test('of one name and instance make no line twice', async () => {
    const { body } = await createPrometheus([counted(), counted()]).scrape()
    const samples = body.split('\n').filter((line) => /^tiercel/.test(line))
    const names = samples.map((line) => line.slice(0, line.lastIndexOf(' ')))
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('the limit of patterns', () => {
  const patterns = ['a:*', 'b:*', 'c:*', 'd:*']

  test('adds up what lies beyond it as `other`, and judges nothing of it', async () => {
    const exporter = createPrometheus(counted({ patterns }), { patterns: 2 })
    const { body } = await exporter.scrape()
    const snapshot = sampleSnapshot({ patterns })
    const beyond = (snapshot.patterns[2]?.hits ?? 0) + (snapshot.patterns[3]?.hits ?? 0)
    const samples = samplesOf(body)
    const labels = 'cache="shop",instance="shop-1"'
    expect(samples.get(`tiercel_hits_total{${labels},pattern="other"}`)).toBe(`${beyond}`)
    expect(samples.get(`tiercel_hits_total{${labels},pattern="b:*"}`)).toBe(
      `${snapshot.patterns[1]?.hits}`,
    )
    expect(body).not.toMatch(/pattern="[cd]:\*"/)
    expect(body).not.toMatch(/tiercel_pattern_\w*(ratio|seconds|verdict)\{[^}]*pattern="other"/)
    const [first, second] = [2, 3].map(
      (place) => snapshot.patterns[place]?.latency[0]?.buckets[0] ?? 0,
    )
    const bucket = `tiercel_operation_duration_seconds_bucket{${labels},pattern="other",operation="get",tier="memory",le="0.001"}`
    expect(samples.get(bucket)).toBe(`${(first ?? 0) + (second ?? 0)}`)
  })

  test('tells the same patterns apart for ever, so that no counter falls', async () => {
    const [first, later] = [sampleSnapshot({ patterns }), sampleSnapshot({ patterns })]
    // What was read least is now read most.
    const turned = { ...later, patterns: later.patterns.toReversed() }
    const snapshots = [first, turned, turned]
    const exporter = createPrometheus(
      { stats: async () => snapshots.shift() ?? turned },
      { patterns: 2 },
    )
    const before = samplesOf((await exporter.scrape()).body)
    const after = samplesOf((await exporter.scrape()).body)
    for (const [name, value] of before) {
      if (name.includes('_total{')) expect.soft(Number(after.get(name)), name).toBe(Number(value))
    }
  })

  test('is checked', () => {
    for (const wrong of [-1, 1.5, Number.NaN, '5' as never]) {
      expect(() => createPrometheus(counted(), { patterns: wrong })).toThrow(ConfigError)
    }
  })
})

/** Patterns are named by people and learned from keys. */
const HOSTILE = [
  '"} evil 1\n# TYPE evil counter\nevil{a="',
  '\\',
  '\\"',
  '\\n',
  'line\nbreak\r\ttab',
  '\u0000\u0001\u007f',
  '\ud800 alone',
  '👍🏽 żółć',
  '{}#,=',
  '',
  '<script>alert(1)</script>',
  'le="0.1"',
  'x'.repeat(100_000),
]

describe('hostile names', () => {
  test('stay inside of their quotes', async () => {
    const snapshot = sampleSnapshot({ patterns: HOSTILE, cache: HOSTILE[0] ?? '' })
    const text = await textOf(snapshot)
    expect(text).not.toMatch(/^evil/m)
    for (const line of text.trimEnd().split('\n')) {
      expect(line).toMatch(
        /^(# (HELP|TYPE) tiercel_|tiercel_\w+\{(\w+="([^"\\\n]|\\["\\n])*",?)+\} \S+$)/,
      )
    }
    expect(text.length).toBeLessThan(2_000_000)
  })

  test.skipIf(!hasPromtool)('pass the judge of Prometheus', async () => {
    const hostile = sampleSnapshot({ patterns: HOSTILE, instance: HOSTILE[1] ?? '' })
    const text = await textOf(hostile)
    expect(promtool(['check', 'metrics'], text)).toEqual({ status: 0, output: '' })
  })
})

describe.skipIf(!hasPromtool)('the judge of Prometheus', () => {
  test('finds nothing wrong with names, units and types', async () => {
    const { body } = await createPrometheus([counted(), counted({ cache: 'b' })]).scrape()
    expect(promtool(['check', 'metrics'], body)).toEqual({ status: 0, output: '' })
  })

  test('bites', async () => {
    const text = (await textOf(sampleSnapshot())).replaceAll('tiercel_hits_total', 'tiercel_hits')
    expect(promtool(['check', 'metrics'], text).status).not.toBe(0)
  })
})

describe('OpenMetrics', () => {
  test('names families without `_total`, says units, and ends', async () => {
    const text = await textOf(sampleSnapshot(), OPEN_METRICS)
    expect(text).toContain('# TYPE tiercel_hits counter\ntiercel_hits_total{')
    expect(text).toContain(
      '# TYPE tiercel_compression_input_bytes counter\n# UNIT tiercel_compression_input_bytes bytes\n',
    )
    expect(text.endsWith('\n# EOF\n')).toBe(true)
    expect(text).not.toContain(' # {')
  })

  test('has the same samples as the other text', async () => {
    const [plain, open] = [
      await textOf(sampleSnapshot()),
      await textOf(sampleSnapshot(), OPEN_METRICS),
    ]
    expect(samplesOf(open)).toEqual(samplesOf(plain))
  })

  test('has exemplars where somebody brings them, and the other text never', async () => {
    const asked: ExemplarBucket[] = []
    const exporter = createPrometheus(counted(), {
      exemplars: (bucket) => {
        asked.push(bucket)
        if (bucket.pattern !== '*' || bucket.bucket !== 3) return undefined
        return { traceId: 'abc', spanId: 'def', durationMs: 12.5, at: 1_790_000_000_500 }
      },
    })
    const { body } = await exporter.scrape(OPEN_METRICS)
    const lines = body.split('\n').filter((line) => line.includes(' # {'))
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(
      /le="0.05"\} \d+ # \{trace_id="abc",span_id="def"\} 0.0125 1790000000.5$/,
    )
    expect(asked[0]).toEqual({
      ...{ cache: 'shop', pattern: 'product:*', operation: 'get', tier: 'memory', bucket: 0 },
    })
    expect((await exporter.scrape()).body).not.toContain(' # {')
  })
})

describe('a scrape', () => {
  const PROMETHEUS =
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1'

  test.each([
    [PROMETHEUS, 'application/openmetrics-text; version=1.0.0; charset=utf-8'],
    [undefined, 'text/plain; version=0.0.4; charset=utf-8'],
    ['*/*', 'text/plain; version=0.0.4; charset=utf-8'],
    ['text/html', 'text/plain; version=0.0.4; charset=utf-8'],
    ['text/plain, application/openmetrics-text;q=0.4', 'text/plain; version=0.0.4; charset=utf-8'],
    ['application/openmetrics-text;version=2.0.0', 'text/plain; version=0.0.4; charset=utf-8'],
    ['application/openmetrics-text;q=0', 'text/plain; version=0.0.4; charset=utf-8'],
    ['application/openmetrics-text;q=x', 'text/plain; version=0.0.4; charset=utf-8'],
    [
      ' APPLICATION/OpenMetrics-Text ; Q=1',
      'application/openmetrics-text; version=1.0.0; charset=utf-8',
    ],
    [`${'a/b,'.repeat(10_000)}`, 'text/plain; version=0.0.4; charset=utf-8'],
  ])('that accepts %s gets %s', async (accept, expected) => {
    const headers = accept === undefined ? {} : { accept }
    const request = new Request('http://localhost/metrics', { headers })
    const response = await createPrometheus(counted()).fetch(request)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe(expected)
    expect(response.headers.get('vary')).toBe('accept')
    expect((await response.text()).endsWith('# EOF\n')).toBe(expected.startsWith('application'))
  })

  test('is a GET or a HEAD', async () => {
    const exporter = createPrometheus(counted())
    const ask = (method: string) => exporter.fetch(new Request('http://localhost/', { method }))
    expect((await ask('POST')).status).toBe(405)
    expect(await (await ask('HEAD')).text()).toBe('')
    expect((await ask('HEAD')).status).toBe(200)
  })

  test('that fails says no more than that', async () => {
    const exporter = createPrometheus({ stats: () => Promise.reject(new Error('canary-key')) })
    const response = await exporter.fetch(new Request('http://localhost/'))
    expect(response.status).toBe(503)
    expect(await response.text()).not.toContain('canary')
  })
})

describe('a registry of prom-client', () => {
  test('tells the same, beside what is the service’s own', async () => {
    const own = new Registry()
    new Counter({ name: 'http_requests_total', help: 'Requests.', registers: [own] }).inc(3)
    const exporter = createPrometheus(counted())
    using registered = exporter.register(own)
    const text = await own.metrics()
    expect(text).toContain('http_requests_total 3')
    const { body } = await exporter.scrape()
    const theirs = new Map([...samplesOf(text)].filter(([name]) => name.startsWith('tiercel')))
    expect(theirs).toEqual(samplesOf(body))
    void registered
  })

  test('is merged with another one', async () => {
    const [own, other] = [new Registry(), new Registry()]
    new Counter({ name: 'http_requests_total', help: 'Requests.', registers: [own] }).inc(3)
    const exporter = createPrometheus(counted())
    using registered = exporter.register(other)
    const text = await Registry.merge([own, other]).metrics()
    expect(text).toContain('http_requests_total 3')
    expect(text).toContain('tiercel_hits_total{cache="shop",instance="shop-1",pattern="*"}')
    if (hasPromtool) expect(promtool(['check', 'metrics'], text)).toEqual({ status: 0, output: '' })
    void registered
  })

  test('asks for one snapshot a scrape, and for a new one at the next', async () => {
    let asked = 0
    const exporter = createPrometheus({
      stats: async () => {
        asked += 1
        return sampleSnapshot()
      },
    })
    const registry = new Registry()
    using registered = exporter.register(registry)
    await registry.metrics()
    expect(asked).toBe(1)
    await registry.getMetricsAsJSON()
    expect(asked).toBe(2)
    registry.resetMetrics()
    void registered
  })

  test('of OpenMetrics tells the same too', async () => {
    const registry = new Registry()
    registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never)
    const exporter = createPrometheus(counted())
    using registered = exporter.register(registry)
    const text = await registry.metrics()
    expect(samplesOf(text)).toEqual(samplesOf((await exporter.scrape()).body))
    void registered
  })

  test('is left again', async () => {
    const registry = new Registry()
    exporterLeaves(registry)
    expect((await registry.metrics()).trim()).toBe('')
  })

  function exporterLeaves(registry: Registry): void {
    using registered = createPrometheus(counted()).register(registry)
    void registered
  }
})
