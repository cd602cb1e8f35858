import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { ConfigError, TierError } from '../contracts/errors.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { SharedSession } from '../contracts/shared-tier.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { type SqliteTierOptions, sqliteTier } from './sqlite-tier.ts'

/** Sessions on one file, closed and gone when the test ends. */
function setup(options: SqliteTierOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-tier-'))
  const path = join(folder, 'cache.db')
  const clock = new FakeClock()
  const events: CacheEvent[] = []
  const sessions: SharedSession[] = []
  const open = (name = 'shop', more: SqliteTierOptions = {}) => {
    const random = new SeededRandom(sessions.length)
    const report = (event: CacheEvent) => void events.push(event)
    const tier = sqliteTier(path, { thread: 'inline', ...options, ...more })
    const session = tier.open({ name, clock, random, report })
    sessions.push(session)
    return session
  }
  const dispose = async () => {
    for (const session of sessions) await session.close()
    rmSync(folder, { recursive: true })
  }
  return { folder, path, clock, events, open, [Symbol.asyncDispose]: dispose }
}

const plain = (id: string) => ({ id, collection: '' })

function value(id: string, text: string, ttlMs = Number.POSITIVE_INFINITY) {
  return { ...plain(id), envelope: Buffer.from(text), ttlMs, graceMs: 0, tags: [] }
}

async function textsOf(session: SharedSession, ...ids: string[]) {
  const readings = await session.read(ids.map(plain))
  return readings.map(({ entry }) => entry && Buffer.from(entry.envelope).toString())
}

describe.each(['inline', 'worker'] as const)('sqliteTier, %s', (thread) => {
  test('what is set is read, after a restart too', async () => {
    await using scene = setup({ thread })
    const before = scene.open()
    await before.set([value('a', 'one'), value('b', 'two', 60_000)])
    await before.close()
    const session = scene.open()
    expect(await textsOf(session, 'a', 'none', 'b', 'a')).toEqual(['one', undefined, 'two', 'one'])
    const [forever] = await session.read([plain('a')])
    expect(forever?.entry?.freshUntil).toBe(Number.POSITIVE_INFINITY)
  })

  test('caches of two names in one file never meet', async () => {
    await using scene = setup({ thread })
    const [shop, desk] = [scene.open('shop'), scene.open('desk')]
    await shop.set([value('a', 'of the shop')])
    await desk.set([value('a', 'of the desk')])
    await desk.invalidate({ kind: 'clear' })
    expect(await textsOf(shop, 'a')).toEqual(['of the shop'])
    expect(await textsOf(desk, 'a')).toEqual([undefined])
    expect(await shop.usage()).toMatchObject({ entries: 1 })
  })

  test('keys of any text are kept apart', async () => {
    await using scene = setup({ thread })
    const session = scene.open()
    const ids = [
      'a\0b',
      'a',
      'a\0c',
      '\ud800',
      '\ud801',
      '\ufffd',
      '\u{10ffff}"x"',
      '__proto__',
      '',
    ]
    await session.set(ids.map((id, index) => value(id, `${index}`)))
    expect(await textsOf(session, ...ids)).toEqual(ids.map((_, index) => `${index}`))
    const { keys } = await session.scan('', undefined, 100)
    expect(new Set(keys)).toEqual(new Set(ids))
  })

  test('while another process holds the lock, reads are answered and changes fail', async () => {
    await using scene = setup({ thread, busyTimeoutMs: 20 })
    const session = scene.open()
    await session.set([value('a', 'one')])
    const other = new DatabaseSync(scene.path)
    other.exec('BEGIN IMMEDIATE')
    const change = session.set([value('a', 'two')])
    const read = textsOf(session, 'a')
    await expect(change).rejects.toThrow(TierError)
    await expect(change).rejects.toThrow('holds the lock')
    expect(await read).toEqual(['one'])
    other.close()
    await session.set([value('a', 'three')])
    expect(await textsOf(session, 'a')).toEqual(['three'])
  })

  test('a closed session rejects, and what was asked before is answered', async () => {
    await using scene = setup({ thread })
    const session = scene.open()
    const last = session.set([value('a', 'one')])
    await Promise.all([session.close(), session.close()])
    expect(await last).toMatchObject([{ kind: 'stored' }])
    await expect(session.read([plain('a')])).rejects.toThrow('closed')
    expect(scene.clock.timers).toBe(0)
  })

  test('the calls of a tick are answered each, whatever their number', async () => {
    await using scene = setup({ thread })
    const session = scene.open()
    const ids = Array.from({ length: 2_500 }, (_, index) => `k${index}`)
    await Promise.all(ids.map((id) => session.set([value(id, id)])))
    const texts = await Promise.all(ids.map((id) => textsOf(session, id)))
    expect(texts.flat()).toEqual(ids)
  })

  test('what leaves is told with its pattern and cause, once it has left', async () => {
    await using scene = setup({ thread })
    const session = scene.open()
    const product = { ...value('p1', 'x'), collection: 'product' }
    await session.set([product, value('a', 'one'), value('b', 'two')])
    const keys = [{ id: 'p1', collection: 'product' }, plain('a'), plain('b'), plain('none')]
    await session.invalidate({ kind: 'keys', keys, mode: 'delete' })
    await session.close()
    const removal = { type: 'removal', tier: 'shared', cause: 'deleted' }
    expect(new Set(scene.events)).toEqual(
      new Set([
        { ...removal, pattern: 'product:*', count: 1 },
        { ...removal, pattern: '*', count: 2 },
      ]),
    )
  })

  test('many that open a new file at once all find it open', async () => {
    await using scene = setup({ thread })
    const sessions = Array.from({ length: 6 }, (_, index) => scene.open(`cache${index % 3}`))
    await Promise.all(sessions.map((session) => session.ready))
    await Promise.all(sessions.map((session, index) => session.set([value(`k${index}`, 'x')])))
    expect(await textsOf(scene.open('cache1'), 'k1', 'k4', 'k0')).toEqual(['x', 'x', undefined])
  })

  test('more calls than the queue holds are refused at once', async () => {
    await using scene = setup({ thread })
    const session = scene.open()
    const calls = Array.from({ length: 10_001 }, () => session.read([plain('a')]))
    const settled = await Promise.allSettled(calls)
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(1)
    expect(await textsOf(session, 'a')).toEqual([undefined])
  })
})

describe('sqliteTier', () => {
  test('a fake clock judges the entries of an inline tier', async () => {
    await using scene = setup()
    const session = scene.open()
    await session.set([value('a', 'one', 1_000)])
    await scene.clock.advance(999)
    expect(await textsOf(session, 'a')).toEqual(['one'])
    await scene.clock.advance(1)
    expect(await textsOf(session, 'a')).toEqual([undefined])
  })

  test('expired and invalidated rows are swept, and told once by pattern and cause', async () => {
    await using scene = setup()
    const session = scene.open()
    const rows = Array.from({ length: 1_200 }, (_, index) => value(`k${index}`, 'x', 1_000))
    await session.set(rows)
    const tagged = { ...value('p1', 'x'), collection: 'product', tags: ['all'] }
    await session.set([tagged, value('kept', 'x')])
    await session.invalidate({ kind: 'tags', tags: ['all'] })
    await scene.clock.advance(130_000)
    expect(await session.usage()).toMatchObject({ entries: 1 })
    const removal = { type: 'removal', tier: 'shared' }
    const told = scene.events.filter((event) => event.type === 'removal')
    const expired = told.filter(({ cause }) => cause === 'expired')
    expect(expired.reduce((sum, { count }) => sum + count, 0)).toBe(1_200)
    expect(expired.length).toBeLessThan(6)
    expect(told).toContainEqual({
      ...removal,
      pattern: 'product:*',
      cause: 'invalidated',
      count: 1,
    })
  })

  test('rows that are read stay, and those read longest ago leave first', async () => {
    await using scene = setup({ maxBytes: 400 * 1024 })
    const session = scene.open()
    const kilobyte = 'x'.repeat(1_000)
    const fill = async (name: string) => {
      const rows = Array.from({ length: 100 }, (_, index) => value(`${name}${index}`, kilobyte))
      await session.set(rows)
    }
    await fill('read')
    await scene.clock.advance(120_000)
    await fill('unread')
    await scene.clock.advance(120_000)
    await session.read(Array.from({ length: 100 }, (_, index) => plain(`read${index}`)))
    // What was read is noted, and written down when there is time for it.
    await scene.clock.advance(120_000)
    await fill('new')
    const left = async (name: string) =>
      (await textsOf(session, ...Array.from({ length: 100 }, (_, at) => `${name}${at}`))).filter(
        (text) => text !== undefined,
      ).length
    expect(await left('new')).toBe(100)
    expect(await left('unread')).toBeLessThan(60)
    expect(await left('read')).toBe(100)
    const { bytes, maxBytes } = await session.usage()
    expect(bytes).toBeLessThanOrEqual(maxBytes)
    const evicted = scene.events.find((event) => event.type === 'removal')
    expect(evicted).toMatchObject({ pattern: '*', cause: 'evicted', tier: 'shared' })
  })

  test('each cache is told its share of the pages, by what its rows take', async () => {
    await using scene = setup()
    const [shop, desk] = [scene.open('shop'), scene.open('desk')]
    const rows = Array.from({ length: 100 }, (_, index) => value(`k${index}`, 'x'.repeat(1_000)))
    await desk.set(rows)
    for (let time = 0; time < 3; time += 1) await shop.set(rows)
    await shop.set([value('gone', 'x'.repeat(50_000))])
    await shop.invalidate({ kind: 'keys', keys: [plain('gone')], mode: 'delete' })
    const ofShop = await shop.usage()
    expect(ofShop).toMatchObject(await desk.usage())
    expect(ofShop.entries).toBe(100)
    expect(ofShop.bytes).toBeGreaterThan(100_000)

    const db = new DatabaseSync(scene.path)
    db.exec("UPDATE caches SET entries = 'many', bytes = -1")
    db.close()
    await scene.clock.advance(120_000)
    expect((await shop.usage()).entries).toBe(100)
    expect((await desk.usage()).entries).toBe(100)
  })

  test('a file that was replaced is noticed, and nothing of it is taken for the old one', async () => {
    await using scene = setup()
    const session = scene.open()
    await session.set([value('a', 'one')])
    const [before] = await session.read([plain('a')])
    for (const end of ['', '-wal', '-shm']) renameSync(scene.path + end, `${scene.path}.old${end}`)
    await scene.clock.advance(120_000)
    const [after] = await session.read([plain('a')])
    expect(after?.entry).toBeUndefined()
    expect(after?.epoch).not.toBe(before?.epoch)
    await session.set([value('a', 'two')])
    expect(await textsOf(scene.open(), 'a')).toEqual(['two'])
  })

  test('after a start of the machine the shard has another epoch', async () => {
    await using scene = setup()
    const session = scene.open()
    await session.set([value('a', 'one')])
    const [before] = await session.read([plain('a')])
    await session.close()
    const db = new DatabaseSync(scene.path)
    db.exec("UPDATE machine SET run = 'an earlier one'")
    db.close()
    const [after] = await scene.open().read([plain('a')])
    expect(after?.entry).toBeUndefined()
    expect(after?.epoch).not.toBe(before?.epoch)
  })

  test('a step that breaks the engine fails alone', async () => {
    await using scene = setup({ thread: 'worker' })
    const session = scene.open()
    const broken = session.read(null as unknown as [])
    const unsendable = session.read([{ ...plain('a'), more: () => {} } as never])
    const fine = textsOf(session, 'a')
    await expect(broken).rejects.toThrow(TierError)
    await expect(unsendable).rejects.toThrow(TierError)
    expect(await fine).toEqual([undefined])
  })

  test('tags beyond the number that is kept are forgotten, and with them what is older', async () => {
    await using scene = setup()
    const session = scene.open()
    await session.set([{ ...value('tagged', 'x'), tags: ['never removed'] }, value('plain', 'x')])
    const remove = (from: number) => {
      const tags = Array.from({ length: 1_000 }, (_, index) => `tag ${from + index}`)
      return session.invalidate({ kind: 'tags', tags })
    }
    for (let from = 0; from < 10_000; from += 1_000) await remove(from)
    expect(await textsOf(session, 'tagged', 'plain')).toEqual(['x', 'x'])
    await remove(10_000)
    expect(await textsOf(session, 'tagged', 'plain')).toEqual([undefined, 'x'])
  })

  test('options that cannot work are refused by name', () => {
    expect(() => sqliteTier('a', { maxBytes: 1_000 })).toThrow(ConfigError)
    expect(() => sqliteTier('a', { busyTimeoutMs: 0.5 })).toThrow('busyTimeoutMs')
    expect(() => sqliteTier('')).toThrow('path')
  })
})
