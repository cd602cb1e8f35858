import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { sqliteTier } from './index.ts'

test('who asks for what is due where nothing is writes nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-idle-'))
  const path = join(folder, 'cache.db')
  const clock = new FakeClock()
  const session = sqliteTier(path, { thread: 'inline' }).open({
    name: 'shop',
    instance: 'one',
    clock,
    random: new SeededRandom(1),
    report: () => {},
  })
  await session.ready
  const place = { shard: 0, collection: 'thing', owner: 'me' }
  const take = () => session.pending.take({ ...place, leaseMs: 60_000, limit: 10, maxBytes: 1_000 })
  await take()
  const beside = new DatabaseSync(path)
  // Another number once somebody else has written.
  const version = (): unknown => beside.prepare('PRAGMA data_version').get()?.['data_version']
  const before = version()
  for (let at = 0; at < 5; at += 1) {
    await clock.advance(500)
    expect((await take()).kind).toBe('taken')
  }
  expect(version()).toBe(before)
  beside.close()
  await session.close()
  rmSync(folder, { recursive: true })
})
