import {
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import type { SqliteEngine } from './sqlite-engine.ts'
import type { TierCall } from './tier-call.ts'
import { openTierEngine } from './tier-engine.ts'

/** Engines on one file, as those of two processes would be. */
function setup(maxBytes = 1e8) {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-engine-'))
  const path = join(folder, 'cache.db')
  const random = new SeededRandom(1)
  const clock = { ms: 0 }
  const open = () => {
    const clocks = { now: () => 1_900_000_000_000, monotonic: () => clock.ms }
    const bounds = { maxBytes, busyTimeoutMs: 100, idleMs: 1_000 }
    return openTierEngine({ path, name: 'shop', ...clocks, ...bounds, random, report() {} })
  }
  const engines = [open(), open()] as const
  const dispose = () => {
    for (const engine of engines) engine.close()
    rmSync(folder, { recursive: true })
  }
  return { folder, path, engines, open, clock, [Symbol.dispose]: dispose }
}

const WRITE: TierCall = {
  step: 'acquire',
  request: { names: ['a'], owner: 'one', ttlMs: 1_000 },
}
const enqueue = (epoch: string, ...ids: readonly string[]): TierCall => ({
  step: 'enqueue',
  sender: { session: `s ${ids[0]}`, operation: 1, epoch },
  requests: ids.map((id) => ({
    ...{ shard: 0, id, collection: 'shop', kind: 'put', envelope: new Uint8Array(1_000) },
    ...{ ttlMs: 1_000, graceMs: 0, delayMs: 0, keep: 'last', tags: [], removes: [] },
    most: { records: 10_000, bytes: 1e9 },
  })),
})

const READ: TierCall = { step: 'read', keys: [{ id: 'a', collection: '' }] }
/** Writes are held to the epoch that their sender has heard of. */
function epochOf(engine: SqliteEngine): string {
  const [outcome] = engine.run([READ])
  const { value } = outcome as { readonly value: readonly { readonly epoch: string }[] }
  return value[0]?.epoch ?? ''
}

const FOLLOW: TierCall = {
  step: 'follow',
  follower: { session: 's', instance: 'desk' },
  request: { shard: 0, epoch: undefined, cursor: 0, beat: false },
}

test('a file is changed once for what another process has written, and not for reads', () => {
  using scene = setup()
  const [own, other] = scene.engines
  other.run([READ])
  own.changed()
  expect(own.changed()).toBe(false)
  own.run([WRITE])
  other.run([READ])
  expect(own.changed()).toBe(false)
  other.run([{ ...WRITE, request: { ...WRITE.request, names: ['b'] } }])
  expect([own.changed(), own.changed()]).toEqual([true, false])
})

test('a file that took the place of another is changed once', () => {
  using scene = setup()
  const [own] = scene.engines
  own.run([FOLLOW])
  own.changed()
  for (const end of ['', '-wal', '-shm']) renameSync(scene.path + end, `${scene.path}.old${end}`)
  expect(own.changed()).toBe(false)
  own.run([FOLLOW])
  expect([own.changed(), own.changed()]).toEqual([true, false])
})

test('a path that cannot be looked at for a moment keeps the file, and its calls are answered', () => {
  using scene = setup()
  const [own] = scene.engines
  const epoch = epochOf(own)
  // Who may not enter a folder, and who finds a loop there, is told nothing of the file in it.
  renameSync(scene.folder, `${scene.folder}.away`)
  symlinkSync(scene.folder, scene.folder)
  try {
    expect(own.run([FOLLOW])).toMatchObject([{ ok: true }])
    expect(own.work()).toBeGreaterThan(0)
    expect(epochOf(own)).toBe(epoch)
  } finally {
    rmSync(scene.folder)
    renameSync(`${scene.folder}.away`, scene.folder)
  }
  expect(epochOf(own)).toBe(epoch)
})

test('a file that was damaged in use ends nobody, and another one at its path is opened', () => {
  using scene = setup()
  const [own, other] = scene.engines
  other.close()
  for (let at = 0; at < 300; at += 1) own.run([enqueue(epochOf(own), `k${at}`)])
  own.close()
  const later = scene.open()
  truncateSync(scene.path, 8_192)
  for (let turn = 0; turn < 20; turn += 1) expect(later.work()).toBeGreaterThan(0)
  expect(later.fault?.message).toContain('The file is damaged.')
  expect(later.run([READ])).toMatchObject([{ ok: false, fault: later.fault }])
  for (const end of ['', '-wal', '-shm']) rmSync(scene.path + end, { force: true })
  scene.clock.ms += 1_000
  later.work()
  expect(later.run([READ])).toMatchObject([{ ok: true }])
  expect(later.fault).toBeUndefined()
  later.close()
})

test('a write that somebody relies on is not acknowledged in a file that was taken away', () => {
  using scene = setup()
  const [own] = scene.engines
  const epoch = epochOf(own)
  expect(own.run([enqueue(epoch, 'a')])).toMatchObject([{ ok: true }])
  for (const end of ['', '-wal', '-shm']) rmSync(scene.path + end)
  const lost = { ok: false, fault: { message: expect.stringContaining('deleted or replaced') } }
  expect(own.run([enqueue(epoch, 'b'), WRITE])).toMatchObject([lost, lost])
  // The next one finds the path opened anew.
  expect(epochOf(own)).not.toBe(epoch)
  expect(own.run([enqueue(epochOf(own), 'c')])).toMatchObject([{ ok: true }])
  const [backlog] = own.run([{ step: 'backlog', collection: 'shop' }])
  expect(backlog).toMatchObject({ ok: true, value: { records: 1 } })
})

test('a whole file that is moved over the one in use stays whole, while two still have the old log', () => {
  using scene = setup()
  const [own, other] = scene.engines
  const fill = (from: number) => {
    const ids = Array.from({ length: 300 }, (_, at) => `k${from + at}`)
    expect(own.run([enqueue(epochOf(own), ...ids)])).toMatchObject([{ ok: true }])
  }
  fill(0)
  const db = new DatabaseSync(scene.path)
  db.exec(`VACUUM INTO '${scene.path}.new'`)
  db.close()
  fill(1_000)
  renameSync(`${scene.path}.new`, scene.path)
  // Opened anew by one while the other still writes into what was moved away.
  expect(own.run([FOLLOW])).toMatchObject([{ ok: true }])
  other.run([WRITE])
  fill(2_000)
  expect(other.run([FOLLOW, READ])).toMatchObject([{ ok: true }, { ok: true }])
  other.run([WRITE])
  const backlog = { ok: true, value: { records: 600 } }
  expect(own.run([{ step: 'backlog', collection: 'shop' }])).toMatchObject([backlog])
  expect(other.run([{ step: 'backlog', collection: 'shop' }])).toMatchObject([backlog])
  const look = new DatabaseSync(scene.path)
  expect(look.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
  look.close()
  const files = readdirSync(scene.folder).sort()
  expect(files).toEqual(['cache.db', 'cache.db-mark', 'cache.db-shm', 'cache.db-wal'])
})

test('a file that is moved away and back keeps its log, and what was written last', () => {
  using scene = setup()
  const [own, other] = scene.engines
  const [before] = own.run([enqueue(epochOf(own), 'a')])
  expect(before).toMatchObject({ ok: true })
  // One sees another file at the path that cannot be opened, and the one that was there is back at the next look.
  renameSync(scene.path, `${scene.path}.old`)
  writeFileSync(scene.path, 'no database, but a note of somebody who tidies up')
  expect(own.run([FOLLOW])).toMatchObject([{ ok: false }])
  renameSync(`${scene.path}.old`, scene.path)
  scene.clock.ms += 1_000
  const [backlog] = own.run([{ step: 'backlog', collection: 'shop' }])
  expect(backlog).toMatchObject({ ok: true, value: { records: 1 } })
  other.run([WRITE])
  expect(own.run([READ])).toMatchObject([{ ok: true }])
})

test('an old log beside a file that somebody else has open by now is left to whoever ends them', () => {
  using scene = setup()
  const [own, other] = scene.engines
  own.run([WRITE])
  const db = new DatabaseSync(scene.path)
  db.exec(`VACUUM INTO '${scene.path}.new'`)
  db.close()
  renameSync(`${scene.path}.new`, scene.path)
  const stranger = new DatabaseSync(scene.path)
  stranger.exec('SELECT count(*) FROM caches')
  expect(own.run([FOLLOW])).toMatchObject([{ ok: false }])
  expect(own.fault?.message).toMatch(/log of the file that was there before.*cache\.db-wal/)
  stranger.close()
  other.close()
  scene.clock.ms += 1_000
  expect(own.run([FOLLOW])).toMatchObject([{ ok: true }])
})

test('an engine that was closed is never changed, and opens nothing again', () => {
  using scene = setup()
  const [own, other] = scene.engines
  own.changed()
  own.close()
  other.run([WRITE])
  expect(own.changed()).toBe(false)
  expect(own.run([FOLLOW])).toMatchObject([{ ok: false }])
})

test('a file that what waits alone makes too large is looked after all the same, and rests', () => {
  using scene = setup(64 * 1024)
  const [own] = scene.engines
  const ids = Array.from({ length: 200 }, (_, at) => `k${at}`)
  expect(own.run([enqueue(epochOf(own), ...ids)])).toMatchObject([{ ok: true }])
  const pauses = Array.from({ length: 20 }, () => own.work())
  expect(pauses.at(-1)).toBe(1_000)
  const backlog = own.run([{ step: 'backlog', collection: 'shop' }])
  expect(backlog).toMatchObject([{ ok: true, value: { records: 200 } }])
})

test('of more dead letters than are kept, the oldest are forgotten', () => {
  using scene = setup()
  const [own] = scene.engines
  own.run([enqueue(epochOf(own), 'a')])
  const db = new DatabaseSync(scene.path)
  db.exec(`INSERT INTO dead (cache, id, collection, died_at)
    WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10050)
    SELECT 1, 'old ' || n, 'shop', n FROM n`)
  const request = { collection: 'shop', owner: 'o', leaseMs: 1_000, limit: 10, maxBytes: 1e6 }
  const [taken] = own.run([{ step: 'take', request: { shard: 0, ...request } }])
  const [record] = (taken as { value: { records: { epoch: string; version: number }[] } }).value
    .records
  const { epoch = '', version = 0 } = record ?? {}
  const outcome = { kind: 'dead', error: 'no' } as const
  const settled = own.run([
    {
      step: 'settle',
      requests: [{ shard: 0, id: 'a', collection: 'shop', epoch, version, outcome }],
    },
  ])
  expect(settled).toMatchObject([{ ok: true, value: [{ kind: 'removed' }] }])
  const kept = db.prepare('SELECT count(*) AS count, min(died_at) AS oldest FROM dead').get()
  expect(kept).toEqual({ count: 10_000, oldest: 52 })
  const letters = db.prepare("SELECT id FROM dead WHERE id = 'a'").all()
  expect(letters).toHaveLength(1)
  db.close()
})

test('after a disk that could not write, nothing is acknowledged by the same connection', () => {
  using scene = setup()
  const { engines, clock } = scene
  const [engine, other] = engines
  const epoch = epochOf(engine)
  const put = (id: string) => engine.run([enqueue(epoch, id)])[0]
  expect(put('before')?.ok).toBe(true)
  const { run } = StatementSync.prototype
  const checkpoints: unknown[] = []
  const { get } = StatementSync.prototype
  const failing = vi.spyOn(StatementSync.prototype, 'run').mockImplementation(function (
    this: StatementSync,
    ...given
  ) {
    if (this.sourceSQL !== 'COMMIT') return run.apply(this, given)
    throw Object.assign(new Error('disk I/O error'), { errcode: 1034 })
  })
  expect(put('failed')).toMatchObject({ ok: false, fault: { resultCode: 1034 } })
  failing.mockRestore()
  expect(put('at once')).toMatchObject({ ok: false, fault: { resultCode: 1034 } })
  const looking = vi.spyOn(StatementSync.prototype, 'get').mockImplementation(function (
    this: StatementSync,
    ...given
  ) {
    const answer = get.apply(this, given)
    if (this.sourceSQL.includes('wal_checkpoint')) checkpoints.push(answer)
    return answer
  })
  clock.ms += 1_000
  expect(put('after')?.ok).toBe(true)
  looking.mockRestore()
  expect(checkpoints).toEqual([expect.objectContaining({ busy: 0 })])
  // Those that were refused are not there, and the one before is.
  const [backlog] = other.run([{ step: 'backlog', collection: 'shop' }])
  expect(backlog).toMatchObject({ ok: true, value: { records: 2 } })
})
