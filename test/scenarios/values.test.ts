/** Values on their way through the shared tier: checked, compressed, of another version, or broken. */

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { structuredCloneCodec } from '../../src/codecs/index.ts'
import { type CollectionOptions, createCache, type UndecodableEvent } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { sqliteTier } from '../../src/sqlite/index.ts'
import { FakeClock, SeededRandom } from '../../src/testing/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'tiercel-values-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

/** Processes on one shared tier, each with its own idea of what a value is. */
function setup() {
  const clock = new FakeClock()
  const shared = memoryTier()
  const open = <V>(options: Partial<CollectionOptions<string, V>>, load: (key: string) => V) => {
    const cache = createCache({ name: 'values', shared, logger: SILENT }, { clock })
    const undecodable: string[] = []
    cache.on('undecodable', ({ reason }) => undecodable.push(reason))
    const compression: number[][] = []
    cache.on('compression', ({ bytesBefore, bytesAfter, durationMs }) =>
      compression.push([bytesBefore, bytesAfter, durationMs]),
    )
    const things = cache.collection<string, V>('thing', { source: load, ...options })
    return { things, undecodable, compression }
  }
  return { open }
}

describe('a value in the shared tier', () => {
  test('that fails its schema is a miss, is counted, and is loaded anew', async () => {
    const { open } = setup()
    const before = open<unknown>({}, () => ({ name: 'lamp', price: 'cheap' }))
    await before.things.get('a')
    const schema = z.object({ name: z.string(), price: z.number() })
    const after = open({ schema }, () => ({ name: 'lamp', price: 5 }))
    expect(await after.things.get('a')).toEqual({ name: 'lamp', price: 5 })
    expect(after.undecodable).toEqual(['schema'])
    const third = open({ schema }, () => ({ name: 'never', price: 0 }))
    expect(await third.things.get('a')).toEqual({ name: 'lamp', price: 5 })
    expect(third.undecodable).toEqual([])
  })

  test('that its schema transforms is read as the schema makes it', async () => {
    const { open } = setup()
    await open<unknown>({}, () => ({ at: '2030-01-01' })).things.get('a')
    const schema = z.object({ at: z.string().transform((text) => new Date(text)) })
    const { things } = open({ schema }, () => ({ at: new Date(0) }))
    expect((await things.get('a'))?.at).toEqual(new Date('2030-01-01'))
  })

  test('a schema that throws or answers later is a schema all the same', async () => {
    const { open } = setup()
    await open<unknown>({}, () => 1).things.get('a')
    const throwing = {
      '~standard': {
        validate: () => {
          throw new Error('broken')
        },
      },
    }
    const one = open<number>({ schema: throwing }, () => 2)
    expect(await one.things.get('a')).toBe(2)
    const later = {
      '~standard': { validate: async (value: unknown) => ({ value: Number(value) }) },
    }
    const two = open<number>({ schema: later }, () => 3)
    expect(await two.things.get('a')).toBe(2)
  })

  test('of another version is a miss, and is counted', async () => {
    const { open } = setup()
    await open({ version: 1 }, () => 'one').things.get('a')
    const two = open({ version: 2 }, () => 'two')
    expect(await two.things.get('a')).toBe('two')
    expect(two.undecodable).toEqual(['older'])
    const one = open({ version: 1 }, () => 'of the older release')
    expect(await one.things.get('a')).toBe('of the older release')
    expect(one.undecodable).toEqual(['newer'])
  })

  test('is compressed above the threshold, and what that saved is told', async () => {
    const { open } = setup()
    const long = 'lamp '.repeat(1_000)
    const one = open({ compression: { algorithm: 'zstd', above: 1_000 } }, (key) =>
      key === 'long' ? long : 'short',
    )
    await one.things.getMany(['long', 'short'])
    expect(one.compression).toHaveLength(1)
    const [before = 0, after = 0] = one.compression[0] ?? []
    expect(before).toBeGreaterThan(5_000)
    expect(after).toBeLessThan(before / 10)
    // Whoever reads need not compress.
    const two = open({}, () => 'never')
    expect(await two.things.get('long')).toBe(long)
  })

  test('of another codec is a miss where that codec is not known', async () => {
    const { open } = setup()
    const value = new Map([['when', new Date(5)]])
    const one = open({ codec: structuredCloneCodec() }, () => value)
    await one.things.get('a')
    const same = open({ codec: structuredCloneCodec() }, () => new Map())
    expect(await same.things.get('a')).toEqual(value)
    const other = open<unknown>({}, () => 'json')
    expect(await other.things.get('a')).toBe('json')
    expect(other.undecodable).toEqual(['codec'])
  })

  test('10,000 broken, cut and foreign envelopes are misses, all counted and none thrown', async () => {
    const path = join(folder, 'broken.db')
    const keys = Array.from({ length: 10_000 }, (_, i) => i)
    const source = (id: number) => ({ id, name: `Lamp ${id}`, text: 'x'.repeat(id % 300) })
    const open = () => {
      const cache = createCache({
        name: 'broken',
        shared: sqliteTier(path),
        logger: SILENT,
        sharedTimeout: '1m',
        // What is judged is what comes of broken bytes, not how long a busy machine takes.
        defaults: { timeouts: { hard: '1m' } },
      })
      const things = cache.collection<number, { id: number }>('thing', {
        source: { loadMany: (ids) => new Map(ids.map((id) => [id, source(id)])) },
      })
      return { cache, things }
    }
    const writer = open()
    await writer.things.getMany(keys)
    await writer.cache.close()

    breakEnvelopes(path)

    const reader = open()
    const counted: UndecodableEvent[] = []
    let loads = 0
    reader.cache.on('undecodable', (event) => counted.push(event))
    reader.cache.on('load', () => {
      loads += 1
    })
    const found = await reader.things.getMany(keys)
    expect(loads).toBe(10_000)
    expect(found.size).toBe(10_000)
    for (const id of keys) expect(found.get(id)).toEqual(source(id))
    expect(counted).toHaveLength(10_000)
    await reader.cache.close()
  }, 60_000)
})

/** Breaks each envelope in one of the ways there are: a bit, a cut, a tail, another's bytes, noise. */
function breakEnvelopes(path: string): void {
  const random = new SeededRandom(5)
  const db = new DatabaseSync(path)
  const rows = db.prepare('SELECT row, envelope FROM entries ORDER BY row').all()
  const update = db.prepare('UPDATE entries SET envelope = ? WHERE row = ?')
  db.exec('BEGIN')
  for (const [index, row] of rows.entries()) {
    const bytes = Buffer.from(row['envelope'] as Uint8Array)
    const at = random.below(bytes.length)
    const flipped = Buffer.from(bytes)
    flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8))
    const other = rows[(index + 1) % rows.length]?.['envelope'] as Uint8Array
    const ways: readonly Uint8Array[] = [
      flipped,
      bytes.subarray(0, at),
      Buffer.concat([bytes, Buffer.from([0])]),
      other,
      randomBytes(1 + random.below(400)),
      Buffer.alloc(0),
      Buffer.from(JSON.stringify({ value: 'of another program' })),
    ]
    update.run(ways[index % ways.length] as Uint8Array, row['row'] as number)
  }
  db.exec('COMMIT')
  db.close()
}
