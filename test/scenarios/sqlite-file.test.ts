/** Files that are not what a tier expects: broken, foreign, out of reach, or full of garbage. */

import { randomBytes } from 'node:crypto'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test, vi } from 'vitest'
import { TierError } from '../../src/contracts/errors.ts'
import type { CacheEvent } from '../../src/contracts/events.ts'
import type { SharedSession } from '../../src/contracts/shared-tier.ts'
import { createCache } from '../../src/create-cache.ts'
import { type SqliteTierOptions, sqliteTier } from '../../src/sqlite/sqlite-tier.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { answersOf, tags } from '../../src/testing/shared-steps.ts'
import { versionOf, wholeEnvelope } from './sqlite-envelope.ts'

/** A folder, and sessions on files in it; closed and gone when the test ends. */
function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-file-'))
  const path = join(folder, 'cache.db')
  const clock = new FakeClock()
  const events: CacheEvent[] = []
  const sessions: SharedSession[] = []
  const open = ({ path: at = path, ...options }: SqliteTierOptions & { path?: string } = {}) => {
    const tier = sqliteTier(at, { thread: 'inline', ...options })
    const random = new SeededRandom(1_000 + sessions.length)
    const report = (event: CacheEvent) => void events.push(event)
    const session = tier.open({ name: 'shop', instance: 'desk', clock, random, report })
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

function value(id: string, version: number) {
  const envelope = wholeEnvelope(id, version)
  return { ...plain(id), envelope, ttlMs: 1e9, graceMs: 0, tags: [] }
}

/** A value of some type that SQLite has, seldom one that could stand in that column. */
function garbage(random: SeededRandom): null | number | bigint | string | Uint8Array {
  return random.pick([
    () => null,
    () => -random.below(1_000) - 1,
    () => 2n ** 62n,
    () => 'text',
    () => '{"a":',
    () => '\u{10ffff}{"a":',
    () => new Uint8Array(randomBytes(random.below(200))),
    () => Number.NEGATIVE_INFINITY,
  ])()
}

/** What can never stand in that column. */
function brokenFor(column: string, random: SeededRandom): ReturnType<typeof garbage> {
  const blob = new Uint8Array(randomBytes(random.below(200)))
  const mark = '\u{10ffff}{"a":'
  const ofText = [null, blob]
  if (column === 'collection') return random.pick([...ofText, mark])
  if (column === 'epoch') return random.pick([...ofText, mark])
  if (column === 'tags') return random.pick([blob, 'text', '{"a":', '[1]', '{}', 3])
  if (column === 'envelope') return random.pick([null, 'text', 2n ** 62n, 1.5])
  return random.pick([null, blob, 'text', -1, Number.NEGATIVE_INFINITY])
}

const FLOORS = ['floor', 'lease_floor', 'tagged_floor']
const COLUMNS = ['id', 'collection', 'epoch', 'stamp', 'stored_at', 'fresh_until', 'grace_until']
const ALL_COLUMNS = [...COLUMNS, 'tags', 'envelope', 'read_at', 'bytes']

/** A row of the cache with that key, and garbage in the columns after it. */
function spoil(db: DatabaseSync, table: string, key: string, random: SeededRandom): void {
  const columns = table.split(',').length
  const bad = Array.from({ length: columns - 2 }, () => garbage(random))
  const marks = bad.map(() => '?').join()
  const name = table.startsWith('intents') ? "'x'," : ''
  const values = name === '' ? bad : bad.slice(1)
  db.prepare(
    `INSERT OR REPLACE INTO ${table} VALUES (1, '${key}', ${name} ${marks.slice(name === '' ? 0 : 2)})`,
  ).run(...values)
}

describe('a file that is not as expected', () => {
  test('10,000 rows of garbage are misses that are counted and removed', async () => {
    await using scene = setup()
    const session = scene.open()
    const ids = Array.from({ length: 10_000 }, (_, index) => `k${index}`)
    for (let from = 0; from < ids.length; from += 1_000) {
      await session.set(ids.slice(from, from + 1_000).map((id) => value(id, 1)))
    }
    await session.set([value('whole', 7)])
    const random = new SeededRandom(1)
    const db = new DatabaseSync(scene.path)
    db.exec('BEGIN')
    for (const id of ids) {
      const column = random.pick([...COLUMNS.slice(1), 'tags', 'envelope'])
      const bad = brokenFor(column, random)
      db.prepare(`UPDATE entries SET ${column} = ? WHERE cache = 1 AND id = ?`).run(bad, id)
      const other = random.pick(['read_at', 'bytes'])
      const worse = db.prepare(`UPDATE entries SET ${other} = ? WHERE cache = 1 AND id = ?`)
      if (random.below(4) === 0) worse.run(garbage(random), id)
    }
    db.exec('COMMIT')
    db.close()

    for (let from = 0; from < ids.length; from += 1_000) {
      const readings = answersOf(await session.read(ids.slice(from, from + 1_000).map(plain)))
      expect(readings.filter(({ entry }) => entry !== undefined)).toEqual([])
    }
    const counted = scene.events.filter(({ type }) => type === 'undecodable')
    expect(counted).toHaveLength(10_000)
    expect(counted[0]).toMatchObject({ reason: 'corrupt' })
    await scene.clock.advance(600_000)
    expect(await session.usage()).toMatchObject({ entries: 1 })
    const [whole] = answersOf(await session.read([plain('whole')]))
    expect(versionOf('whole', whole?.entry?.envelope ?? new Uint8Array())).toBe(7)
    await session.set([value('k1', 8)])
    const [again] = answersOf(await session.read([plain('k1')]))
    expect(versionOf('k1', again?.entry?.envelope ?? new Uint8Array())).toBe(8)
  })

  test('garbage in every column of every table stops no step', async () => {
    await using scene = setup()
    const random = new SeededRandom(2)
    for (let round = 0; round < 40; round += 1) {
      const session = scene.open()
      await session.set([{ ...value('a', 1), tags: ['t'] }, value('b', 1)])
      const db = new DatabaseSync(scene.path)
      for (let row = 0; row < 20; row += 1) {
        const values = ALL_COLUMNS.map(() => garbage(random))
        db.prepare(
          `INSERT OR REPLACE INTO entries (cache, ${ALL_COLUMNS.join()})
            VALUES (${random.pick(['1', 'NULL', "'x'"])}, ${ALL_COLUMNS.map(() => '?').join()})`,
        ).run(...values)
      }
      spoil(db, 'leases (cache, id, token, granted, expires_at, collection)', 'a', random)
      spoil(db, 'intents (cache, id, token, deadline, tags, epoch, number)', 'b', random)
      spoil(db, 'operations (cache, session, operation, at)', 's', random)
      spoil(db, 'standings (cache, session, instance, epoch, cursor, at)', 's', random)
      spoil(db, 'locks (cache, name, owner, token, expires_at)', 'l', random)
      for (const kind of 'btxcapq') {
        const number = db.prepare('INSERT OR REPLACE INTO member_numbers VALUES (1, ?, ?, ?)')
        number.run(kind, random.pick(['t', '["","x"]', '{', '7']), garbage(random))
      }
      const column = random.pick([...FLOORS, 'epoch', 'sequence', 'lock_sequence'])
      db.prepare(`UPDATE caches SET ${column} = ?`).run(garbage(random))
      db.close()
      await useEveryStep(session)
      await scene.clock.advance(200_000)
      await session.close()
    }
  }, 20_000)

  test.each(['inline', 'worker'] as const)('what is no database is refused, %s', async (thread) => {
    await using scene = setup()
    const contents = { random: randomBytes(10_000), text: 'Shopping: milk, bread\n'.repeat(300) }
    for (const [name, content] of Object.entries(contents)) {
      const path = join(scene.folder, name)
      writeFileSync(path, content)
      const session = scene.open({ path, thread })
      await expect(session.ready).rejects.toThrow(TierError)
      await expect(session.ready).rejects.toThrow(/not an SQLite database.*delete it/)
      await expect(session.read([plain('a')])).rejects.toThrow(TierError)
      expect(readFileSync(path)).toEqual(Buffer.from(content))
    }
  })

  test('a file cut short is refused, or fails step by step with what to do', async () => {
    await using scene = setup()
    const session = scene.open()
    await session.set(Array.from({ length: 500 }, (_, index) => value(`k${index}`, index)))
    await session.close()
    const { size } = statSync(scene.path)
    for (const share of [0.1, 0.37, 0.5, 0.75, 0.99]) {
      const path = join(scene.folder, `cut${share}`)
      copyFileSync(scene.path, path)
      truncateSync(path, Math.floor(size * share))
      const cut = scene.open({ path })
      await expect(cut.ready).rejects.toThrow(/damaged.*delete it/)
      await expect(cut.set([value('a', 1)])).rejects.toThrow(TierError)
    }
  })

  test('damaged pages fail their own steps and no value is wrong', async () => {
    await using scene = setup()
    const session = scene.open()
    const ids = Array.from({ length: 500 }, (_, index) => `k${index}`)
    await session.set(ids.map((id) => value(id, 3)))
    await session.close()
    const bytes = readFileSync(scene.path)
    const random = new SeededRandom(3)
    for (let page = 0; page < 12; page += 1) {
      const at = 4096 * (20 + random.below(bytes.length / 4096 - 20))
      randomBytes(4096).copy(bytes, at)
    }
    writeFileSync(scene.path, bytes)
    const damaged = scene.open()
    const settled = await Promise.allSettled(ids.map((id) => damaged.read([plain(id)])))
    for (const [index, one] of settled.entries()) {
      if (one.status === 'rejected') expect(one.reason).toBeInstanceOf(TierError)
      else expect(one.value).toHaveLength(1)
      expect(ids[index]).toBeDefined()
    }
  })

  test('a folder that is missing or cannot be written is named with its cure', async () => {
    await using scene = setup()
    const missing = scene.open({ path: join(scene.folder, 'none', 'cache.db') })
    await expect(missing.ready).rejects.toThrow(/none\/cache\.db.*folder must exist/)
    // Permissions do not bind every user; no file can stand below a file, or be made in /proc.
    writeFileSync(join(scene.folder, 'file'), '')
    const below = scene.open({ path: join(scene.folder, 'file', 'cache.db') })
    await expect(below.ready).rejects.toThrow('folder must exist')
    const unwritable = scene.open({ path: '/proc/self/cache.db' })
    await expect(unwritable.ready).rejects.toThrow('writable')
    mkdirSync(join(scene.folder, 'folder'))
    const folder = scene.open({ path: join(scene.folder, 'folder') })
    await expect(folder.ready).rejects.toThrow(TierError)
  })

  test('a folder that is mounted late has the tier opened, by itself and for all who follow', async () => {
    await using scene = setup()
    const path = join(scene.folder, 'volume', 'cache.db')
    const events: CacheEvent[] = []
    const logger = { warn() {}, error() {} }
    const open = () => createCache({ name: 'shop', shared: sqliteTier(path), logger })
    await using cache = open()
    cache.on('connection', (event) => void events.push(event))
    await expect(cache.ready()).rejects.toThrow(/volume\/cache\.db.*folder must exist/)
    expect(await cache.get('a')).toBeUndefined()
    mkdirSync(join(scene.folder, 'volume'))
    await vi.waitFor(() => cache.ready(), 5_000)
    await vi.waitFor(async () => {
      await cache.set('a', 'one')
      expect((await cache.read('a', { read: 'shared' })).found).toBe(true)
    }, 5_000)
    await using other = open()
    await other.ready()
    await other.set('a', 'two')
    await vi.waitFor(async () => expect(await cache.get('a')).toBe('two'), 2_000)
    expect(events).toContainEqual(expect.objectContaining({ state: 'followed' }))
  })

  test('a tier that is opened while another program holds the lock is there once it is free', async () => {
    await using scene = setup()
    await scene.open().close()
    const other = new DatabaseSync(scene.path)
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    const session = scene.open({ busyTimeoutMs: 10, thread: 'worker' })
    await expect(session.ready).rejects.toThrow('holds the lock')
    const since = performance.now()
    await expect(session.read([plain('a')])).rejects.toThrow('holds the lock')
    expect(performance.now() - since).toBeLessThan(500)
    other.close()
    await vi.waitFor(() => session.ready, 5_000)
    await session.set([value('a', 1)])
    expect(answersOf(await session.read([plain('a')]))).toHaveLength(1)
  })

  test('a tier that takes no writes for a while is read all the same', async () => {
    await using scene = setup()
    const states: string[] = []
    const logger = { warn() {}, error() {} }
    const shared = sqliteTier(scene.path, { busyTimeoutMs: 5 })
    await using cache = createCache({
      name: 'shop',
      shared,
      memory: 'off',
      sharedTimeout: '5s',
      logger,
    })
    await cache.ready()
    await cache.set('there', 'v')
    cache.on('connection', ({ state }) => void states.push(state))
    const other = new DatabaseSync(scene.path)
    other.exec('BEGIN IMMEDIATE')
    for (let at = 0; at < 8; at += 1) await cache.set(`k${at}`, 'x')
    expect(await cache.get('there')).toBe('v')
    expect(states).not.toContain('open')
    other.close()
  })

  test('a newer layout and the database of another program are refused and left alone', async () => {
    await using scene = setup()
    const first = scene.open()
    await first.set([value('a', 1)])
    await first.close()
    const db = new DatabaseSync(scene.path)
    db.exec('PRAGMA user_version = 99')
    db.close()
    const before = readFileSync(scene.path)
    await expect(scene.open().ready).rejects.toThrow(/version 99.*newer release/)
    expect(readFileSync(scene.path)).toEqual(before)

    const path = join(scene.folder, 'orders.db')
    const other = new DatabaseSync(path)
    other.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY)')
    other.close()
    const orders = readFileSync(path)
    await expect(scene.open({ path }).ready).rejects.toThrow('another program')
    expect(readFileSync(path)).toEqual(orders)
  })

  test('a file that another process has locked for itself is named as locked', async () => {
    await using scene = setup()
    await scene.open().close()
    const other = new DatabaseSync(scene.path)
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT')
    await expect(scene.open({ busyTimeoutMs: 10 }).ready).rejects.toThrow('holds the lock')
    other.close()
  })

  test('a file above a new limit shrinks a slice at a time, and is written to meanwhile', async () => {
    await using scene = setup()
    const before = scene.open()
    for (let batch = 0; batch < 20; batch += 1) {
      const rows = Array.from({ length: 100 }, (_, index) => value(`k${batch}:${index}`, index))
      await before.set(rows)
    }
    const { bytes: full } = await before.usage()
    await before.close()
    const maxBytes = 512 * 1024
    expect(full).toBeGreaterThan(maxBytes * 3)
    const session = scene.open({ maxBytes })
    await session.set([value('new', 5)])
    const { bytes: after } = await session.usage()
    expect(after).toBeGreaterThan(maxBytes * 2)
    expect(after).toBeLessThanOrEqual(full + 8_192)
    await scene.clock.advance(600_000)
    expect((await session.usage()).bytes).toBeLessThanOrEqual(maxBytes)
    const [reading] = answersOf(await session.read([plain('new')]))
    expect(versionOf('new', reading?.entry?.envelope ?? new Uint8Array())).toBe(5)
    await session.close()
    expect(statSync(scene.path).size).toBeLessThan(full * 0.9)
  })

  test('three times more than fits is held under the limit, file and all', async () => {
    await using scene = setup()
    const maxBytes = 2 * 1024 * 1024
    const session = scene.open({ maxBytes })
    let most = 0
    for (let batch = 0; batch < 60; batch += 1) {
      const rows = Array.from({ length: 70 }, (_, index) => value(`k${batch}:${index}`, index))
      await session.set(rows)
      most = Math.max(most, (await session.usage()).bytes)
    }
    expect(most).toBeLessThanOrEqual(maxBytes)
    expect(most).toBeGreaterThan(maxBytes / 2)
    const { entry } = answersOf(await session.read([plain('k59:69')]))[0] ?? {}
    expect(versionOf('k59:69', entry?.envelope ?? new Uint8Array())).toBe(69)
    await session.close()
    expect(statSync(scene.path).size).toBeLessThan(maxBytes * 1.2)
  })
})

const FOLLOW = { shard: 0, epoch: undefined, cursor: 0, beat: false } as const

async function useEveryStep(session: SharedSession): Promise<void> {
  const keys = ['a', 'b'].map(plain)
  const readings = answersOf(await session.read(keys))
  for (const [index, { entry }] of readings.entries()) {
    if (entry !== undefined) expect(versionOf(keys[index]?.id ?? '', entry.envelope)).toBe(1)
  }
  const claims = answersOf(
    await session.claim(
      keys.map((key) => ({ ...key, token: 'mine' })),
      { leaseMs: 1_000 },
    ),
  )
  await session.fill(
    claims.map((claim, index) => ({
      ...value(keys[index]?.id ?? '', 1),
      token: 'mine',
      grant: claim.kind === 'granted' ? claim.grant : 0,
      epoch: claim.epoch,
    })),
  )
  await session.release(keys.map((key) => ({ ...key, token: 'mine' })))
  await session.touch(keys.map((key) => ({ ...key, epoch: 'x', stamp: 1, ttlMs: 1, graceMs: 1 })))
  await session.invalidate({ kind: 'keys', keys, mode: 'expire' })
  await session.invalidate(tags('t'))
  await session.invalidate({ kind: 'tags', tags: ['t', 'u'], match: 'all', mode: 'delete' })
  await session.invalidate({ kind: 'pattern', collection: '', pattern: 'x*' })
  await session.sweepPattern(0, (await session.follow(FOLLOW)).sequence)
  await session.invalidate({ kind: 'collection', collection: '' })
  await session.invalidate({ kind: 'clear' })
  const writes = keys.map((key) => ({ ...key, token: 'w', tags: ['t'], begun: undefined }))
  await session.beginIntent(writes.map((write) => ({ ...write, deadlineMs: 1_000 })))
  await session.endIntent(writes)
  await session.atomic([{ op: 'set', value: value('b', 1) }])
  const followed = await session.follow({ ...FOLLOW, beat: true })
  expect(followed.changes.every(({ number }) => number <= followed.sequence)).toBe(true)
  await session.standings(0)
  const lock = { names: ['l'], owner: 'one', ttlMs: 1_000 }
  const granted = await session.locks.acquire(lock)
  if (granted.kind === 'granted') expect(await session.locks.renew(lock)).toBe(true)
  await session.locks.remaining('l')
  await session.locks.release(lock)
  await session.scan('', undefined, 100)
  await session.usage()
}
