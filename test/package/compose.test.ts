/** The servers of the compose file are what the cache asks for: its Redis is started, and examined. */

import { readFileSync } from 'node:fs'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { createCache } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { runTiercel } from '../cli/run-tiercel.ts'
import type { RedisConfig } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'

const read = (file: string): string =>
  readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')
const compose = read('examples/shop/compose.yaml')
const page = read('docs/guides/local-servers.md')

/** The flags of its Redis as settings. Written as JSON, which YAML takes too. */
function settingsOfRedis(): RedisConfig {
  const [, list = '[]'] = /^ {4}command: (\[.*\])$/m.exec(compose) ?? []
  const [program, ...flags]: readonly string[] = JSON.parse(list)
  expect(program).toBe('redis-server')
  const pairs = flags.flatMap((flag, at) => (at % 2 === 0 ? [[flag.slice(2), flags[at + 1]]] : []))
  return Object.fromEntries(pairs)
}

describe('the compose file', () => {
  test('starts a Redis that keeps what waits, and that nothing is said against', async () => {
    await using server = await startRedis({ config: settingsOfRedis() })
    const client = new Redis(server.port, '127.0.0.1', { lazyConnect: true })
    const shared = redisTier(client, { durability: 'appended' })
    await using cache = createCache({ name: 'shop', shared })
    await cache.ready() // rejects where it keeps less

    const said = await runTiercel(['doctor', '--redis', server.url, '--name', 'shop'])
    expect(said).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was found.') })
  })

  test('listens on this machine alone, where the guide looks for it', () => {
    const ports = [...compose.matchAll(/^ {4}ports: \["([\d.]+):(\d+):\d+"\]$/gm)]
    expect(ports.map(([, host, port]) => [host, port])).toEqual([
      ['127.0.0.1', '6379'],
      ['127.0.0.1', '5432'],
    ])
    expect(page).toContain('REDIS_URL=redis://127.0.0.1:6379\n')
    const account = (name: string) => new RegExp(`POSTGRES_${name}: (\\w+)`).exec(compose)?.[1]
    const [user, password, database] = ['USER', 'PASSWORD', 'DB'].map(account)
    expect(page).toContain(`postgres://${user}:${password}@127.0.0.1:5432/${database}\n`)
  })
})
