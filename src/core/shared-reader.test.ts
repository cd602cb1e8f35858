import { describe, expect, test } from 'vitest'
import type { Cache, CacheOptions } from '../contracts/cache.ts'
import type { CollectionOptions } from '../contracts/collection.ts'
import type { UndecodableEvent } from '../contracts/events.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import type { StandardSchema } from '../contracts/standard-schema.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** What a cache of another release, or with other options, has left in the tier, and what it makes of it. */
function setup(spoil: (envelope: Uint8Array) => Uint8Array = (envelope) => envelope) {
  const clock = new FakeClock()
  const tier = memoryTier()
  const spoiled: SharedTier = {
    kind: tier.kind,
    open(context) {
      const session = tier.open(context)
      const set = session.set.bind(session)
      return Object.assign(session, {
        set: (values: Parameters<typeof set>[0]) =>
          set(values.map((value) => ({ ...value, envelope: spoil(value.envelope) }))),
      })
    },
  }
  const reasons: UndecodableEvent['reason'][] = []
  const open = (shared: SharedTier, options: Partial<CacheOptions> = {}): Cache => {
    const silent = { level: 'silent', warn: () => {}, error: () => {} }
    const cache = createCache({ name: 'shop', shared, logger: silent, ...options }, { clock })
    cache.on('undecodable', ({ reason }) => reasons.push(reason))
    return cache
  }
  return { clock, reasons, writer: open(spoiled), open: (own = {}) => open(tier, own) }
}

const odd: StandardSchema<number> = {
  '~standard': {
    validate: (value) =>
      typeof value === 'number' && value % 2 === 1
        ? { value }
        : { issues: [{ message: 'it is even' }, { message: 'or no number' }] },
  },
}

describe('an entry that cannot be read', () => {
  test('is a miss that is counted, for reads, loads and whoever inspects it', async () => {
    const { writer, open, reasons } = setup((envelope) =>
      envelope.with(-1, 99 ^ (envelope.at(-1) ?? 0)),
    )
    await writer.set('a', 'text')
    const reader = open({ memory: 'off' })
    expect(await reader.get('a')).toBeUndefined()
    expect(await reader.inspect('a')).toBeUndefined()
    expect(await reader.ttl('a')).toBeUndefined()
    expect(reasons).toEqual(['corrupt', 'corrupt', 'corrupt'])
  })

  test('is replaced by what is loaded, although it looks fresh', async () => {
    const { writer, open, reasons } = setup(() => new Uint8Array([1, 2, 3]))
    await writer.set('a', 'text')
    const reader = open({ memory: 'off' })
    let loads = 0
    const load = (): string => {
      loads += 1
      return 'loaded'
    }
    expect(await reader.getOrLoad('a', load)).toBe('loaded')
    expect(await reader.getOrLoad('a', load)).toBe('loaded')
    expect(loads).toBe(1)
    expect(reasons.length).toBeGreaterThan(0)
  })

  test('of another version of the values is one', async () => {
    const { writer, open, reasons } = setup()
    await writer.set('a', 'text')
    expect(await open({ version: 1 }).get('a')).toBeUndefined()
    expect(reasons).toEqual(['older'])
    expect(await open().get('a')).toBe('text')
  })

  test('refused by the schema is one, also if the schema throws', async () => {
    const { writer, open, reasons } = setup()
    const options: CollectionOptions<string, number> = { source: () => 2, schema: odd }
    const asWritten = writer.collection<string, number>('number', { source: () => 2 })
    await asWritten.get('a')
    const things = open().collection<string, number>('number', options)
    expect(await things.peek('a')).toBeUndefined()
    const throwing: StandardSchema<number> = {
      '~standard': {
        validate: () => {
          throw new Error('the schema is broken')
        },
      },
    }
    const broken = open().collection('number', { ...options, schema: throwing })
    expect(await broken.peek('a')).toBeUndefined()
    expect(reasons).toEqual(['schema', 'schema'])
  })
})

describe('an entry that can be read', () => {
  test('is what the schema makes of it', async () => {
    const { writer, open, reasons } = setup()
    await writer.collection<string, number>('number', { source: () => 3 }).get('a')
    const doubling: StandardSchema<number> = {
      '~standard': { validate: async (value) => ({ value: (value as number) * 2 }) },
    }
    const things = open().collection<string, number>('number', {
      source: () => 0,
      schema: doubling,
    })
    expect(await things.peek('a')).toBe(6)
    expect(reasons).toEqual([])
  })

  test('and says that there is nothing is not checked by the schema', async () => {
    const { writer, open, reasons } = setup()
    const options = { source: () => undefined, negativeTtl: '1m', schema: odd } as const
    await writer.collection<string, number>('number', options).get('a')
    const source = () => expect.fail('it is known that there is nothing')
    expect(
      await open()
        .collection('number', { ...options, source })
        .get('a'),
    ).toBeUndefined()
    expect(reasons).toEqual([])
  })

  test('may be compressed, which is told', async () => {
    const { open } = setup()
    const cache = open({ memory: 'off', compression: { algorithm: 'gzip', above: 100 } })
    const sizes: number[][] = []
    cache.on('compression', ({ bytesBefore, bytesAfter }) => sizes.push([bytesBefore, bytesAfter]))
    const long = 'again and '.repeat(1_000)
    await cache.set('a', long)
    expect(await cache.get('a')).toBe(long)
    expect(sizes).toHaveLength(1)
    expect(sizes[0]?.[1]).toBeLessThan(1_000)
  })
})
