/** The ways to cache that are compared, each as one would write it. */

import { type Cache, type CollectionOptions, createCache } from 'tiercel'
import type { FakeClock, SeededRandom } from 'tiercel/testing'
import type { CountedTier } from './counted-tier.ts'
import type { Row, VirtualSource } from './virtual-source.ts'

/** One instance of a service. */
export interface PatternSubject {
  read(key: number): Promise<Row>
  /** Resolves when the caller may say that it is done. */
  write(key: number, row: Row): Promise<void>
  close(): Promise<void>
}

export interface PatternParts {
  readonly source: VirtualSource
  readonly clock: FakeClock
  readonly random: SeededRandom
  readonly tier: CountedTier['tier']
  readonly instance: string
}

export interface PatternCase {
  /** As the page calls it. */
  readonly name: string
  open(parts: PatternParts): PatternSubject
}

const TTL_MS = 5_000

export const patternCases: readonly PatternCase[] = [
  {
    name: 'no cache',
    open: ({ source }) => ({
      read: async (key) => (await source.read([key])).get(key) ?? 0,
      write: (key, row) => source.write(new Map([[key, row]])),
      close: async () => {},
    }),
  },
  {
    name: 'by hand: `get`, load, `set`',
    open: (parts) => {
      const cache = open(parts)
      return {
        ...plain(cache, parts),
        read: async (key) => {
          const cached = await cache.get<Row>(String(key))
          if (cached !== undefined) return cached
          const row = (await parts.source.read([key])).get(key) ?? 0
          await cache.set(String(key), row)
          return row
        },
      }
    },
  },
  {
    name: 'cache-aside: `getOrLoad`, `delete`',
    open: (parts) => {
      const cache = open(parts)
      return {
        ...plain(cache, parts),
        read: (key) =>
          cache.getOrLoad(String(key), async () => (await parts.source.read([key])).get(key) ?? 0),
      }
    },
  },
  { name: 'read-through, write around', open: (parts) => collection(parts, {}) },
  {
    name: 'read-through, write through',
    open: (parts) => collection(parts, { write: { put: 'through' } }),
  },
  {
    name: 'read-through, write behind',
    open: (parts) => collection(parts, { write: { put: 'behind' } }),
  },
  {
    name: 'write through, refresh-ahead',
    open: (parts) => collection(parts, { write: { put: 'through' }, refreshAhead: 'on' }),
  },
  {
    name: 'write through, no memory tier',
    open: (parts) => collection(parts, { write: { put: 'through' } }, { memory: 'off' }),
  },
]

function open(parts: PatternParts, options: { readonly memory?: 'off' } = {}): Cache {
  const { clock, random, tier, instance } = parts
  return createCache(
    { name: 'patterns', shared: tier, instance, defaults: { ttl: TTL_MS }, ...options },
    { clock, random },
  )
}

/** The caller writes the source, and invalidates. */
function plain(cache: Cache, { source }: PatternParts): Omit<PatternSubject, 'read'> {
  return {
    write: async (key, row) => {
      await source.write(new Map([[key, row]]))
      await cache.delete(String(key))
    },
    close: async () => void (await cache.close()),
  }
}

function collection(
  parts: PatternParts,
  options: Partial<CollectionOptions<number, Row>>,
  tiers: { readonly memory?: 'off' } = {},
): PatternSubject {
  const cache = open(parts, tiers)
  const rows = cache.collection<number, Row>('row', { store: parts.source.store(), ...options })
  return {
    read: async (key) => (await rows.get(key)) ?? 0,
    write: async (key, row) => void (await rows.put(key, row)),
    close: async () => void (await cache.close()),
  }
}
