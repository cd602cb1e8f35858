import { context, SpanStatusCode, trace } from '@opentelemetry/api'
import { AlwaysOffSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace-base'
import { afterEach, describe, expect, test } from 'vitest'
import { type OtelScene, otelScene } from '../../test/exporters/otel-scene.ts'
import { sampleSnapshot } from '../../test/exporters/sample-snapshot.ts'
import { until } from '../../test/servers/until.ts'
import type { CacheOptions } from '../contracts/cache.ts'
import type { MetricsSnapshot } from '../contracts/metrics.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { createPrometheus } from '../prometheus/index.ts'
import { type InstrumentedCache, instrument } from './instrument.ts'

let ends: (Disposable | AsyncDisposable)[] = []

afterEach(async () => {
  for (const end of ends.reverse()) {
    if (Symbol.dispose in end) end[Symbol.dispose]()
    else await end[Symbol.asyncDispose]()
  }
  ends = []
})

type Sampler = NonNullable<Parameters<typeof otelScene>[0]>

function setup(options: Partial<CacheOptions> = {}, sampling: Sampler = {}) {
  const scene = otelScene(sampling)
  const cache = createCache({ name: 'shop', ...options })
  const instrumented = instrument(withSample(cache), { tracer: scene.tracer, meter: 'off' })
  ends.push(scene, cache, instrumented)
  return { scene, plain: cache, cache: instrumented.cache, instrumented }
}

/** Its figures are of no interest here. */
function withSample<C extends object>(cache: C): C & { stats(): Promise<MetricsSnapshot> } {
  return Object.assign(cache, { stats: async () => sampleSnapshot() })
}

/** One request of the application. */
async function request<T>(scene: OtelScene, name: string, work: () => Promise<T>): Promise<T> {
  return await scene.tracer.startActiveSpan(name, async (span) => {
    try {
      return await work()
    } finally {
      span.end()
    }
  })
}

test('a collection of it takes part in transactions', async () => {
  const { plain, cache } = setup()
  const products = cache.collection<number, string>('product', { source: () => 'Lamp' })
  const run = (work: (client: object) => Promise<void>) => work({})
  await cache.afterCommit(run, async (_, changes) => changes.put(products, 7, 'Desk'))
  expect(await products.get(7)).toBe('Desk')
  const other = createCache({ name: 'shop' })
  ends.push(other)
  const stranger = instrument(other, { meter: 'off' }).cache.collection('product', {
    source: () => 'Chair',
  })
  const foreign = plain.afterCommit(run, async (_, changes) => changes.delete(stranger, 7))
  await expect(foreign).rejects.toMatchObject({ field: 'collection' })
})

describe('a load', () => {
  test('is a span under the read that has begun it, under the caller', async () => {
    const { scene, cache } = setup()
    const products = cache.collection<number, string>('product', { source: (id) => `Lamp ${id}` })
    await request(scene, 'GET /products', () => products.get(1))
    const load = scene.span('load product:*')
    const get = scene.span('get product:*')
    expect(load.parentSpanContext?.spanId).toBe(get.spanContext().spanId)
    expect(get.parentSpanContext?.spanId).toBe(scene.span('GET /products').spanContext().spanId)
    expect(load.attributes).toEqual({
      'tiercel.cache': 'shop',
      'tiercel.pattern': 'product:*',
      'db.operation.name': 'load',
      'tiercel.outcome': 'loaded',
      'tiercel.reason': 'miss',
    })
    expect(get.attributes).toMatchObject({ 'tiercel.found': true })
  })

  test.each([
    ['alone', 'load'],
    ['shared', 'load'],
    ['alone', 'loadMany'],
    ['shared', 'loadMany'],
  ] as const)('hangs under a caller that has asked in its tick (%s, %s)', async (tiers, bulk) => {
    const { scene, cache, plain } = setup(tiers === 'shared' ? { shared: memoryTier() } : {})
    await plain.ready()
    const load = async (id: number) => `Lamp ${id}`
    const loadMany = async (ids: readonly number[]) => new Map(ids.map((id) => [id, `Lamp ${id}`]))
    const source = bulk === 'load' ? { load } : { loadMany }
    const lamps = cache.collection<number, string>('lamp', { source })
    for (const round of [0, 1]) {
      await Promise.all([
        request(scene, `one ${round}`, () => lamps.get(10 * round + 1)),
        request(scene, `other ${round}`, () => lamps.get(10 * round + 2)),
      ])
    }
    const loads = scene.spans().filter(({ name }) => name === 'load lamp:*')
    expect(loads).toHaveLength(4)
    const callers = ['one 0', 'other 0', 'one 1', 'other 1'].map((name) => scene.span(name))
    const traces = callers.map((span) => span.spanContext().traceId)
    const found = loads.map((span) => span.spanContext().traceId)
    // What one question to the shared tier has not found is loaded in the context of the first of it.
    if (tiers === 'shared') expect(traces).toEqual(expect.arrayContaining(found))
    else expect(found.toSorted()).toEqual(traces.toSorted())
  })

  test('that fails says so, and not with its words', async () => {
    const { scene, cache } = setup()
    const broken = () => Promise.reject(new RangeError('canary of key 7'))
    await expect(cache.getOrLoad('canary-key', broken)).rejects.toThrow()
    for (const name of ['load *', 'getOrLoad *']) {
      const span = scene.span(name)
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR })
      expect(span.attributes).toMatchObject({ 'error.type': 'RangeError' })
      expect(span.events).toEqual([])
    }
    expect(
      JSON.stringify(scene.spans().map(({ attributes, name }) => [attributes, name])),
    ).not.toContain('canary')
  })

  test('lasts as long as its loader took', async () => {
    const { scene, plain } = setup()
    const before = Date.now()
    await plain.getOrLoad('a', () => new Promise((resolve) => setImmediate(resolve, 1)))
    const { startTime, endTime, duration } = scene.span('load *')
    const ms = ([seconds, nanos]: readonly [number, number]): number => seconds * 1e3 + nanos / 1e6
    expect(ms(startTime)).toBeGreaterThan(before - 5)
    expect(ms(endTime)).toBeLessThanOrEqual(Date.now())
    expect(ms(duration)).toBeGreaterThan(0)
  })

  test('that goes on when its caller has its answer is a trace of its own, with a link', async () => {
    const { scene, plain } = setup()
    const held = Promise.withResolvers<number>()
    let loading: Promise<number> | undefined
    await request(scene, 'impatient', async () => {
      loading = plain.getOrLoad('a', () => held.promise)
    })
    held.resolve(1)
    await loading
    const [load, caller] = [scene.span('load *'), scene.span('impatient')]
    expect(load.parentSpanContext).toBe(undefined)
    expect(load.links.map((link) => link.context.spanId)).toEqual([caller.spanContext().spanId])
  })
})

describe('changes', () => {
  test('are spans with how many they concern', async () => {
    const { scene, cache } = setup({ shared: memoryTier() })
    await cache.ready()
    const rows = new Map<number, string>()
    const products = cache.collection<number, string>('product', {
      store: {
        load: (id) => rows.get(id),
        fencing: 'unfenced',
        apply: async (writes) => writes.map(() => ({ kind: 'applied' })),
      },
    })
    await request(scene, 'PUT /product', async () => {
      await products.put(1, 'Lamp')
      await cache.setMany([
        ['a', 1],
        ['b', 2],
      ])
      await cache.invalidateTags(['x', 'y'])
    })
    const caller = scene.span('PUT /product').spanContext()
    for (const [name, count] of [
      ['put product:*', 1],
      ['set *', 2],
      ['invalidate *', 2],
    ] as const) {
      expect(scene.span(name).parentSpanContext?.spanId).toBe(caller.spanId)
      expect(scene.span(name).attributes['db.operation.batch.size']).toBe(count)
    }
  })
})

describe('work that nobody waits for', () => {
  test('is a trace of its own, with how much was done', async () => {
    const { scene, cache } = setup({ idle: { after: '1h' } })
    const products = cache.collection<number, string>('product', {
      source: (id) => {
        if (id === 3) throw new Error('canary')
        return `Lamp ${id}`
      },
    })
    await request(scene, 'POST /warm', async () => {
      await products.warm([1, 2, 3])
      await cache.cleanUp()
    })
    const [warm, cleanUp] = [scene.span('warm product:*'), scene.span('clean-up *')]
    for (const span of [warm, cleanUp]) expect(span.parentSpanContext).toBe(undefined)
    expect(warm.attributes).toMatchObject({
      'tiercel.outcome': 'done',
      'tiercel.reason': 'call',
      'db.operation.batch.size': 2,
    })
    const loads = scene.spans().filter(({ name }) => name === 'load product:*')
    expect(loads).toHaveLength(3)
    for (const load of loads) expect(load.parentSpanContext).toBe(undefined)
  })

  test('and that fails as a whole is a failed span', async () => {
    const { scene, cache } = setup()
    const from = (): never => {
      throw new RangeError('canary')
    }
    cache.collection<number, string>('product', { source: () => 'Lamp', warm: { start: { from } } })
    await until('the warming has failed', () => scene.spans().length > 0)
    expect(scene.span('warm product:*')).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'RangeError' },
    })
  })
})

describe('a flush', () => {
  test('is a span that lasts until the source has what waits', async () => {
    const { scene, cache } = setup({ shared: memoryTier() })
    await cache.ready()
    const applied: number[] = []
    const products = cache.collection<number, string>('product', {
      store: {
        fencing: 'unfenced',
        load: () => undefined,
        apply: async (writes) => {
          applied.push(writes.length)
          return writes.map(() => ({ kind: 'applied' }))
        },
      },
      write: { put: 'behind' },
      behind: { delay: 1 },
    })
    await products.put(1, 'Lamp')
    await products.flush()
    expect(applied).toEqual([1])
    expect(scene.span('put product:*').attributes['tiercel.outcome']).toBe('done')
    expect(scene.span('flush product:*').ended).toBe(true)
  })
})

describe('reads', () => {
  test('tell the tier that has answered', async () => {
    const { scene, cache } = setup()
    await cache.set('a', 1)
    await cache.read('a')
    await cache.getMany(['a', 'b'])
    await cache.has('b')
    await cache.peek('b')
    expect(scene.span('read *').attributes).toMatchObject({
      'tiercel.found': true,
      'tiercel.tier': 'memory',
      'tiercel.stale': false,
    })
    expect(scene.span('getMany *').attributes['db.operation.batch.size']).toBe(1)
    expect(scene.span('has *').attributes['tiercel.found']).toBe(false)
    expect(scene.span('peek *').attributes['tiercel.found']).toBe(false)
  })

  test('through the cache itself are none', async () => {
    const { scene, plain } = setup()
    await plain.set('a', 1)
    await plain.get('a')
    expect(scene.spans().map(({ name }) => name)).toEqual(['set *'])
  })

  test('that cannot be carried out fail as before', async () => {
    const { scene, cache } = setup()
    const attempt = async () => await cache.get({} as never)
    await expect(attempt()).rejects.toThrow('key')
    expect(scene.span('get *').status.code).toBe(SpanStatusCode.ERROR)
  })

  test('leave the rest of the cache as it is', async () => {
    const { cache, plain } = setup()
    expect(cache.name).toBe('shop')
    expect(cache.get).toBe(cache.get)
    const own = cache.collection('product', { source: () => 1 })
    expect(own.name).toBe('product')
    expect(await own.refresh(1)).toBe(1)
    expect((await plain.usage()).memory.entries).toBe(1)
  })
})

describe('what is not sampled', () => {
  test('hides what hangs under it, and brings no exemplar', async () => {
    const sampler = new ParentBasedSampler({ root: new AlwaysOffSampler() })
    const { scene, cache, instrumented } = setup({}, { sampler })
    await request(scene, 'GET /', () => cache.getOrLoad('a', () => 1))
    expect(scene.spans()).toEqual([])
    for (let bucket = 0; bucket < 6; bucket += 1) {
      const asked = { cache: 'shop', pattern: '*', operation: 'load', tier: 'source' } as const
      expect(instrumented.exemplars({ ...asked, bucket })).toBe(undefined)
    }
  })
})

describe('exemplars', () => {
  test('lead from a bucket to the last trace in it', async () => {
    const { scene, cache, instrumented } = setup()
    await request(scene, 'GET /', () => cache.getOrLoad('a', () => 1))
    const load = scene.span('load *').spanContext()
    const asked = { cache: 'shop', pattern: '*', operation: 'load', tier: 'source' } as const
    const found = [0, 1, 2, 3, 4, 5].map((bucket) => instrumented.exemplars({ ...asked, bucket }))
    expect(found.filter((one) => one !== undefined)).toEqual([
      {
        traceId: load.traceId,
        spanId: load.spanId,
        durationMs: expect.any(Number),
        at: expect.any(Number),
      },
    ])
    expect(instrumented.exemplars({ ...asked, cache: 'users', bucket: 0 })).toBe(undefined)
  })
})

describe('the end', () => {
  test('ends the telling', async () => {
    const { scene, plain, instrumented } = setup()
    instrumented[Symbol.dispose]()
    await plain.set('a', 1)
    expect(scene.spans()).toEqual([])
  })
})

describe('without a provider', () => {
  test('everything works, and nothing is told', async () => {
    await using cache = createCache({ name: 'shop' })
    using instrumented = instrument(withSample(cache))
    expect(trace.getSpan(context.active())).toBe(undefined)
    expect(await instrumented.cache.getOrLoad('a', () => 1)).toBe(1)
    expect(await instrumented.cache.get('a')).toBe(1)
  })

  test('with both switched off, it is the cache itself', async () => {
    await using cache = createCache({ name: 'shop' })
    const counted = withSample(cache)
    using instrumented = instrument(counted, { tracer: 'off', meter: 'off' })
    expect(instrumented.cache).toBe(counted)
  })
})

describe('metrics', () => {
  const silent: Omit<InstrumentedCache, 'stats'> = {
    name: 'shop',
    on: () => ({ [Symbol.dispose]: () => {} }),
  }

  function observed(snapshot: MetricsSnapshot, patterns?: number) {
    const scene = otelScene()
    let asked = 0
    const stats = async () => {
      asked += 1
      return snapshot
    }
    const given = patterns === undefined ? {} : { patterns }
    const meter = scene.meters.getMeter('test')
    const instrumented = instrument({ ...silent, stats }, { tracer: 'off', meter, ...given })
    ends.push(scene, instrumented)
    return { scene, instrumented, asked: () => asked }
  }

  test('are those of Prometheus, by its own rules of translation', async () => {
    const snapshot = sampleSnapshot()
    const { scene } = observed(snapshot)
    const found = await scene.collect()
    const { body } = await createPrometheus({ stats: async () => snapshot }).scrape()
    const lines = body.split('\n').filter((line) => /^tiercel/.test(line))
    const numbers = lines.filter((line) => !line.startsWith('tiercel_operation_duration'))
    const parts = found.filter(({ name }) => name.startsWith('tiercel.operation.'))
    expect(found.length - parts.length).toBe(numbers.length)
    expect(parts.length).toBe(lines.length - numbers.length)
    for (const { name, attributes, value } of found) {
      const base = name.replaceAll('.', '_')
      const same = lines.some(
        (line) =>
          (name.startsWith('tiercel.operation.') || line.startsWith(base)) &&
          line.endsWith(` ${value}`) &&
          Object.values(attributes).every((text) => line.includes(`="${text}"`)),
      )
      expect.soft(same, `${name} ${JSON.stringify(attributes)} ${value}`).toBe(true)
    }
  })

  test('are of one snapshot a collection', async () => {
    const { scene, asked } = observed(sampleSnapshot())
    await scene.collect()
    await scene.collect()
    expect(asked()).toBe(2)
  })

  test('name the instance as the conventions do', async () => {
    const { scene } = observed(sampleSnapshot())
    const entries = (await scene.collect()).find(({ name }) => name === 'tiercel.memory.entries')
    expect(entries).toMatchObject({
      unit: '{entry}',
      attributes: { 'tiercel.cache': 'shop', 'service.instance.id': 'shop-1' },
    })
  })

  test('tell patterns apart up to the limit', async () => {
    const { scene } = observed(sampleSnapshot({ patterns: ['a:*', 'b:*', 'c:*'] }), 1)
    const hits = (await scene.collect()).filter(({ name }) => name === 'tiercel.hits')
    expect(hits.map(({ attributes }) => attributes['tiercel.pattern'])).toEqual(['a:*', 'other'])
  })

  test('end with the telling', async () => {
    const { scene, instrumented } = observed(sampleSnapshot())
    instrumented[Symbol.dispose]()
    expect(await scene.collect()).toEqual([])
  })
})
