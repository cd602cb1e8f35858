import { copyFileSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { ConfigError, TierError } from '../contracts/errors.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { SharedSession } from '../contracts/shared-tier.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { answersOf, tags } from '../testing/shared-steps.ts'
import { type SqliteTierOptions, sqliteTier } from './sqlite-tier.ts'

/** Sessions on one file, closed and gone when the test ends. */
function setup(options: SqliteTierOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-tier-'))
  const path = join(folder, 'cache.db')
  const clock = new FakeClock()
  const events: CacheEvent[] = []
  const sessions: SharedSession[] = []
  const open = (name = 'shop', more: SqliteTierOptions = {}) => {
    const random = new SeededRandom(1_000 + sessions.length)
    const report = (event: CacheEvent) => void events.push(event)
    const tier = sqliteTier(path, { thread: 'inline', ...options, ...more })
    const session = tier.open({ name, instance: `desk ${sessions.length}`, clock, random, report })
    sessions.push(session)
    return session
  }
  const dispose = async () => {
    for (const session of sessions) await session.close()
    rmSync(folder, { recursive: true })
  }
  return { folder, path, clock, events, sessions, open, [Symbol.asyncDispose]: dispose }
}

/** As one who has never followed. */
const FIRST = { shard: 0, epoch: undefined, cursor: 0, beat: false } as const

const plain = (id: string) => ({ id, collection: '' })

function value(id: string, text: string, ttlMs = Number.POSITIVE_INFINITY) {
  return { ...plain(id), envelope: Buffer.from(text), ttlMs, graceMs: 0, tags: [] }
}

async function textsOf(session: SharedSession, ...ids: string[]) {
  const readings = answersOf(await session.read(ids.map(plain)))
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
    const [forever] = answersOf(await session.read([plain('a')]))
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
    await expect(change).rejects.toThrow(`${scene.path}: Another process holds the lock`)
    await expect(change).rejects.toMatchObject({ scope: 'step' })
    expect(await read).toEqual(['one'])
    other.close()
    await session.set([value('a', 'three')])
    expect(await textsOf(session, 'a')).toEqual(['three'])
  })

  test('a closed session rejects, and what was asked before is answered', async () => {
    await using scene = setup({ thread })
    const session = scene.open()
    await session.follow(FIRST)
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
    await session.invalidate(tags('all'))
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
    await using scene = setup({ maxBytes: 456 * 1024 })
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

  test('a value that is larger than the file may be is not kept, and nothing leaves for it', async () => {
    await using scene = setup({ maxBytes: 512 * 1024 })
    const session = scene.open()
    await session.set([value('small', 'x'), value('grows', 'x')])
    await session.set([value('huge', 'x'.repeat(3_000_000)), value('grows', 'x'.repeat(500_000))])
    // What was there before is outdated.
    expect(await textsOf(session, 'small', 'huge', 'grows')).toEqual(['x', undefined, undefined])
    const large = 'x'.repeat(200_000)
    await session.set([value('large', large)])
    expect(await textsOf(session, 'small', 'large')).toEqual(['x', large])
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
    const [before] = answersOf(await session.read([plain('a')]))
    for (const end of ['', '-wal', '-shm']) renameSync(scene.path + end, `${scene.path}.old${end}`)
    await scene.clock.advance(120_000)
    const [after] = answersOf(await session.read([plain('a')]))
    expect(after?.entry).toBeUndefined()
    expect(after?.epoch).not.toBe(before?.epoch)
    await session.set([value('a', 'two')])
    expect(await textsOf(scene.open(), 'a')).toEqual(['two'])
  })

  test('after a start of the machine the shard has another epoch', async () => {
    await using scene = setup()
    const session = scene.open()
    await session.set([value('a', 'one')])
    const [before] = answersOf(await session.read([plain('a')]))
    await session.close()
    const db = new DatabaseSync(scene.path)
    db.exec("UPDATE machine SET run = 'an earlier one'")
    db.close()
    // Its clock may have gone back meanwhile; the numbers must not.
    scene.clock.setNow(scene.clock.now() - 3_600_000)
    const [after] = answersOf(await scene.open().read([plain('a')]))
    expect(after?.entry).toBeUndefined()
    expect(after?.epoch).not.toBe(before?.epoch)
    expect(after?.sequence).toBeGreaterThan(before?.sequence ?? Number.POSITIVE_INFINITY)
  })

  test('a follow meets a file that was replaced at once, and finds another epoch', async () => {
    await using scene = setup()
    const session = scene.open()
    await session.set([value('a', 'one')])
    const { epoch, sequence } = await session.follow(FIRST)
    for (const end of ['', '-wal', '-shm']) renameSync(scene.path + end, `${scene.path}.old${end}`)
    const moved = await session.follow({ shard: 0, epoch, cursor: sequence, beat: false })
    expect(moved.epoch).not.toBe(epoch)
    expect(moved.floor).toBe(moved.sequence)
  })

  test('a copy of the file put in its place is another epoch, and its tokens of locks go on', async () => {
    await using scene = setup()
    const session = scene.open()
    await session.set([value('a', 'one')])
    const first = await session.locks.acquire({ names: ['x'], owner: 'one', ttlMs: 1_000 })
    await session.close()
    copyFileSync(scene.path, `${scene.path}.copy`)
    const later = scene.open()
    const second = await later.locks.acquire({ names: ['y'], owner: 'one', ttlMs: 1_000 })
    const { epoch } = await later.follow(FIRST)
    await later.close()
    renameSync(`${scene.path}.copy`, scene.path)
    const copy = scene.open()
    const third = await copy.locks.acquire({ names: ['z'], owner: 'one', ttlMs: 1_000 })
    expect((await copy.follow(FIRST)).epoch).not.toBe(epoch)
    if (first.kind !== 'granted' || second.kind !== 'granted' || third.kind !== 'granted') {
      throw new Error('A lock was not granted.')
    }
    expect(second.token).toBe(first.token + 1n)
    expect(third.token).toBeGreaterThan(second.token)
  })

  test.each([
    ['an older copy', false],
    ['a copy from before there were marks', true],
  ])('%s written over the file is another epoch, with higher numbers', async (_, isBare) => {
    await using scene = setup()
    const before = scene.open()
    await before.set([value('price', 'ten')])
    await before.close()
    copyFileSync(scene.path, `${scene.path}.old`)
    if (isBare) {
      const copy = new DatabaseSync(`${scene.path}.old`)
      copy.exec('DROP TABLE marks')
      copy.close()
    }
    const session = scene.open()
    await session.set([value('price', 'twelve')])
    const { epoch, sequence } = await session.follow(FIRST)
    // Whoever opens it next still finds the file that was left.
    expect(await textsOf(scene.open(), 'price')).toEqual(['twelve'])
    await scene.clock.advance(0)
    await Promise.all(scene.sessions.map((one) => one.close()))
    const { ino } = statSync(scene.path)
    copyFileSync(`${scene.path}.old`, scene.path)
    expect(statSync(scene.path).ino).toBe(ino)
    const later = scene.open()
    expect(await textsOf(later, 'price')).toEqual([undefined])
    const renewed = await later.follow(FIRST)
    expect(renewed.epoch).not.toBe(epoch)
    expect(renewed.sequence).toBeGreaterThan(sequence)
    await later.set([value('price', 'eleven')])
    await later.close()
    expect(await textsOf(scene.open(), 'price')).toEqual(['eleven'])
  })

  test('after a start of the machine nobody holds a lease, a write or a lock', async () => {
    await using scene = setup()
    const session = scene.open()
    await session.follow({ ...FIRST, beat: true })
    const far = { deadlineMs: 1e9, tags: [] }
    await session.beginIntent([{ ...plain('written'), token: 'w', ...far }])
    await session.claim([{ ...plain('loaded'), token: 'l' }], { leaseMs: 1e9 })
    await session.locks.acquire({ names: ['x'], owner: 'one', ttlMs: 1e9 })
    await session.close()
    const db = new DatabaseSync(scene.path)
    db.exec("UPDATE machine SET run = 'an earlier one'")
    db.close()
    const later = scene.open()
    const claims = await later.claim(
      ['written', 'loaded'].map((id) => ({ ...plain(id), token: 'n' })),
      { leaseMs: 1_000 },
    )
    expect(answersOf(claims).map(({ kind }) => kind)).toEqual(['granted', 'granted'])
    expect(await later.locks.remaining('x')).toBe(undefined)
    expect(await later.standings(0)).toEqual([])
  })

  test('a file that somebody writes all the time is opened and read without waiting for them', async () => {
    await using scene = setup()
    await scene.open().set([value('a', 'one')])
    const db = new DatabaseSync(scene.path)
    db.exec('BEGIN IMMEDIATE')
    expect(await textsOf(scene.open(), 'a')).toEqual(['one'])
    db.exec('COMMIT')
    db.close()
  })

  test('a file of an older layout is laid out anew, and what was in it is gone', async () => {
    await using scene = setup()
    const db = new DatabaseSync(scene.path)
    db.exec(`CREATE TABLE caches (cache INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
      CREATE TABLE "odd name" (x); CREATE TABLE entries (row INTEGER PRIMARY KEY, id TEXT);
      CREATE INDEX entries_by_id ON entries (id); INSERT INTO entries (id) VALUES ('a');
      PRAGMA application_id = ${0x54696572}; PRAGMA user_version = 1`)
    db.close()
    const session = scene.open()
    expect(await textsOf(session, 'a')).toEqual([undefined])
    await session.set([value('a', 'one')])
    expect(await textsOf(scene.open(), 'a')).toEqual(['one'])
    expect(await session.usage()).toMatchObject({ entries: 1 })
  })

  test.each([
    [
      3,
      `DROP INDEX pending_by_due; DROP INDEX dead_by_collection; DROP INDEX dead_by_age;
      ALTER TABLE queues DROP COLUMN at; DROP TABLE member_numbers;
      CREATE TABLE numbers (cache INTEGER, kind TEXT, member TEXT, number REAL);
      DROP INDEX pending_by_id; CREATE UNIQUE INDEX pending_by_id ON pending (cache, id, version);
      CREATE INDEX pending_by_due ON pending (cache, collection, due_at);
      CREATE INDEX pending_by_epoch ON pending (cache, collection, epoch)`,
    ],
    [
      4,
      `DROP TABLE member_numbers;
      CREATE TABLE numbers (cache INTEGER, kind TEXT, member TEXT, number REAL);
      DROP INDEX pending_by_id; CREATE UNIQUE INDEX pending_by_id ON pending (cache, id, version)`,
    ],
    [
      5,
      `CREATE TABLE buckets (cache INTEGER, part INTEGER, highest REAL, numbers BLOB);
      CREATE UNIQUE INDEX buckets_by_part ON buckets (cache, part)`,
    ],
  ])('what waits in a file of layout %i waits in this one', async (layout, undo) => {
    await using scene = setup()
    const before = scene.open()
    const place = { shard: 0, collection: 'shop' }
    await before.pending.enqueue([
      {
        ...{ ...place, id: 'shop:a', kind: 'put', envelope: Buffer.from('one'), keep: 'last' },
        ...{ ttlMs: 1_000, graceMs: 0, delayMs: 0, tags: [], removes: [] },
        most: { records: 10, bytes: 1_000 },
      },
    ])
    await before.close()
    const db = new DatabaseSync(scene.path)
    db.exec(
      `DROP TABLE bucket_parts; DROP TABLE bucket_steps; ${undo}; PRAGMA user_version = ${layout}`,
    )
    db.close()
    const session = scene.open()
    const take = { ...place, owner: 'o', leaseMs: 1_000, limit: 10, maxBytes: 1_000 }
    const taken = await session.pending.take(take)
    expect(taken).toMatchObject({ kind: 'taken', records: [{ id: 'shop:a' }], nextMs: undefined })
    await session.pending.hasten(place, undefined)
    expect(await session.pending.backlog(place)).toMatchObject({ records: 1, bytes: 3 })
  })

  test('beats are written every two seconds at most, and a follow without one writes nothing', async () => {
    await using scene = setup()
    const session = scene.open()
    const { epoch, sequence } = await session.follow(FIRST)
    const at = { shard: 0, epoch, cursor: sequence }
    const db = new DatabaseSync(scene.path)
    const writes = async (step: () => Promise<unknown>) => {
      const version = () => db.prepare('PRAGMA data_version').get()?.['data_version']
      const before = version()
      await step()
      return version() !== before
    }
    expect(await writes(() => session.follow({ ...at, beat: false }))).toBe(false)
    expect(await writes(() => session.follow({ ...at, beat: true }))).toBe(true)
    await scene.clock.advance(1_999)
    expect(await writes(() => session.follow({ ...at, beat: true }))).toBe(false)
    await scene.clock.advance(1)
    expect(await writes(() => session.follow({ ...at, beat: true }))).toBe(true)
    db.close()
  })

  test('a follow is answered while another process holds the lock, without its beat', async () => {
    await using scene = setup({ busyTimeoutMs: 0 })
    const session = scene.open()
    const { epoch, sequence } = await session.follow(FIRST)
    const other = new DatabaseSync(scene.path)
    other.exec('BEGIN IMMEDIATE')
    const at = { shard: 0, epoch, cursor: sequence, beat: true }
    expect(await session.follow(at)).toMatchObject({ epoch, sequence })
    expect(await session.follow({ ...at, beat: false })).toMatchObject({ epoch, sequence })
    expect(await session.standings(0)).toEqual([])
    other.close()
    await session.follow(at)
    expect(await session.standings(0)).toMatchObject([{ instance: 'desk 0', cursor: sequence }])
  })

  test('who listens hears when another process has written, and not of its own writes', async () => {
    await using scene = setup({ thread: 'worker' })
    const [listening, other] = [scene.open(), scene.open()]
    let doubts = 0
    let hear = Promise.withResolvers<void>()
    listening.listen((signal) => {
      expect(signal).toEqual({ kind: 'doubt', shards: [0] })
      doubts += 1
      hear.resolve()
    })
    await listening.set([value('a', 'own')])
    for (let turn = 1; turn <= 3; turn += 1) {
      hear = Promise.withResolvers<void>()
      await other.set([value('a', 'foreign')])
      await hear.promise
      await listening.set([value('a', 'own')])
    }
    expect(doubts).toBe(3)
  })

  test('a step that breaks the engine fails alone', async () => {
    await using scene = setup({ thread: 'worker' })
    const session = scene.open()
    const broken = session.read([{ id: 5, collection: '' } as never])
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
      const names = Array.from({ length: 1_000 }, (_, index) => `tag ${from + index}`)
      return session.invalidate(tags(...names))
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
