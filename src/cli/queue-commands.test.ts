import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runTiercel } from '../../test/cli/run-tiercel.ts'
import { startRedis } from '../../test/servers/start-redis.ts'
import { createCache, type SharedTier, type Store } from '../index.ts'
import { sqliteTier } from '../sqlite/index.ts'
import { FakeClock, SeededRandom } from '../testing/index.ts'
import { parseOptions } from './parse-options.ts'
import { TIER_OPTIONS, tierOf } from './shared-tier-option.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

const run = (...args: readonly string[]) => runTiercel(args)

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-cli-'))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Two writes that wait for a source that is away. */
async function fill(shared: SharedTier): Promise<void> {
  const store: Store<string, string> = {
    fencing: 'versioned',
    load: () => undefined,
    apply: () => Promise.reject(new Error('away')),
  }
  const cache = createCache({ name: 'shop', shared, logger: SILENT, sharedTimeout: '5s' })
  const things = cache.collection('thing', { store, write: { put: 'behind', remove: 'behind' } })
  await things.put('a', 'one')
  await things.remove('b')
  await cache.close({ timeout: 1 })
}

describe('the queue', () => {
  test('goes through a file from one tier to another', async () => {
    await inFolder(async (folder) => {
      await using server = await startRedis()
      const source = join(folder, 'cache.db')
      await fill(sqliteTier(source))
      for (const [name, collections, words] of [
        ['shpo', 'thing', 'There is no cache `shpo`'],
        ['shop', 'thing,thang', 'No writes wait for thang: there are those of thing.'],
      ] as const) {
        const wrong = ['--name', name, '--collections', collections, '--sqlite', source] as const
        const refused = await run('queue', 'export', ...wrong)
        expect([refused.code, refused.out]).toEqual([1, ''])
        expect(refused.err).toContain(words)
      }
      const of = ['--name', 'shop', '--collections', 'thing'] as const
      const told = await run('queue', 'export', ...of, '--sqlite', source)
      expect([told.code, told.err]).toEqual([0, '2 writes exported.\n'])
      const lines = told.out.trimEnd().split('\n')
      expect(lines.map((line) => JSON.parse(line).kind).sort()).toEqual(['put', 'remove'])
      const file = join(folder, 'writes.jsonl')
      writeFileSync(file, told.out)
      const redis = ['--redis', `redis://127.0.0.1:${server.port}/0`] as const
      const into = ['queue', 'import', '--name', 'shop', '--file', file, ...redis] as const
      const refused = await run(...into, '--shards', '4')
      expect(refused.code).toBe(2)
      expect(refused.err).toContain('as many shards')
      await server.call('FLUSHALL')
      const done = await run(...into)
      expect([done.code, done.err]).toEqual([0, '2 writes imported, 0 left out.\n'])
      const again = await run('queue', 'export', ...of, ...redis)
      expect(again.err).toBe('2 writes exported.\n')
    })
  })

  test('is looked at without a bound for the file, whatever bound the cache has', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'cache.db')
      await fill(sqliteTier(path))
      const { tier, end } = await tierOf(parseOptions(['--sqlite', path], TIER_OPTIONS))
      const parts = { clock: new FakeClock(), random: new SeededRandom(1), report: () => {} }
      const session = tier.open({ name: 'shop', instance: 'desk', ...parts })
      expect((await session.usage()).maxBytes).toBeGreaterThan(2 ** 50)
      await session.close()
      end()
    })
  })

  test('is exported into a pipe whose reader has gone, without a word', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'cache.db')
      await fill(sqliteTier(path))
      const main = fileURLToPath(new URL('./main.ts', import.meta.url))
      const args = ['queue', 'export', '--name', 'shop', '--collections', 'thing', '--sqlite', path]
      const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
      child.stdout.destroy()
      const [words, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
      expect([code, words]).toEqual([0, ''])
    })
  })

  test('is not imported from what is no export', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'writes.jsonl')
      const target = join(folder, 'cache.db')
      await fill(sqliteTier(target))
      writeFileSync(file, 'not json\n')
      const { code, err } = await run(
        'queue',
        'import',
        '--name',
        'shop',
        '--file',
        file,
        '--sqlite',
        target,
      )
      expect(code).toBe(1)
      expect(err).toContain('`line 1`')
    })
  })

  test.each([
    [['queue', 'export', '--collections', 'a', '--sqlite', 'x'], 'Option --name is missing'],
    [['queue', 'export', '--name', 'a', '--sqlite', 'x'], 'Option --collections is missing'],
    [['queue', 'export', '--name', 'a', '--collections', 'b'], 'One of --redis and --sqlite'],
    [['queue', 'export', '--name', 'a', '--collections', 'b', '--sqlite', 'none.db'], 'no file'],
    [['queue', 'import', '--name', 'a', '--sqlite', 'x'], 'Option --file is missing'],
    [['queue', 'import', '--name', 'a', '--file', 'none', '--sqlite', 'x'], 'There is no file'],
  ])('says what is missing: %j', async (args, words) => {
    const { code, err } = await run(...args)
    expect(code).toBe(2)
    expect(err).toContain(words)
  })
})
