import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { expect, test } from 'vitest'
import { startRedis } from '../../test/servers/start-redis.ts'
import { createCache } from '../index.ts'
import { redisTier } from '../redis/index.ts'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const INSTALLED = fileURLToPath(new URL('../../node_modules', import.meta.url))
const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

/** A folder in which these drivers are installed. */
function folderWith(...drivers: readonly string[]): { readonly folder: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-drivers-'))
  mkdirSync(join(folder, 'node_modules'))
  for (const driver of drivers) {
    symlinkSync(join(INSTALLED, driver), join(folder, 'node_modules', driver))
  }
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

test.each(['ioredis', 'redis'])('whichever driver is installed is used: %s', async (driver) => {
  using place = folderWith(driver)
  await using server = await startRedis()
  const client = new Redis(server.port, '127.0.0.1', { lazyConnect: true })
  await using cache = createCache({ name: 'shop', shared: redisTier(client), logger: SILENT })
  await cache.set('note', 1)
  const args = ['inspect', '--key', 'note', '--name', 'shop', '--json', '--redis']
  const { stdout, status } = spawnSync(
    process.execPath,
    [MAIN, ...args, `redis://127.0.0.1:${server.port}`],
    { cwd: place.folder, encoding: 'utf8' },
  )
  client.disconnect()
  expect([status, JSON.parse(stdout).state]).toEqual([0, 'fresh'])
})

test('without one it says what to install', () => {
  using place = folderWith()
  const args = ['inspect', '--key', 'a', '--name', 'shop', '--redis', 'redis://127.0.0.1:1']
  const { stderr, status } = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: place.folder,
    encoding: 'utf8',
  })
  expect([status, stderr]).toEqual([2, expect.stringContaining('npm install ioredis')])
})
