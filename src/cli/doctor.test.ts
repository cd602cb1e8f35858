import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster, Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { askTiercel, runTiercel } from '../../test/cli/run-tiercel.ts'
import { serveAdmin } from '../../test/cli/serve-admin.ts'
import { freePort } from '../../test/servers/free-port.ts'
import { startCluster } from '../../test/servers/start-cluster.ts'
import { startRedis } from '../../test/servers/start-redis.ts'
import { until } from '../../test/servers/until.ts'
import { createCache, type Store } from '../index.ts'
import { redisTier } from '../redis/index.ts'
import { sqliteTier } from '../sqlite/index.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

const NAMED = ['--name', 'shop'] as const

interface Answer {
  readonly findings: readonly { code: string; severity: string; message: string; cure: string }[]
  readonly facts: readonly { about: string; value: string }[]
}

async function examine(...args: readonly string[]) {
  const { code, json } = await askTiercel(['doctor', ...args])
  const { findings, facts } = json as unknown as Answer
  return { code, findings, facts, codes: findings.map((finding) => finding.code) }
}

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-doctor-'))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

describe('a Redis', () => {
  test('that is away is named, with what to do, and ends the program with a code of its own', async () => {
    const port = await freePort()
    const where = ['--redis', `redis://:canary-secret@127.0.0.1:${port}`, '--name', 'shop']
    const { code, out, err } = await runTiercel(['doctor', ...where])
    expect(code).toBe(3)
    expect(out).toContain('BAD   redis-away')
    expect(out).toContain(`127.0.0.1:${port} cannot be reached: ECONNREFUSED`)
    expect(out + err).not.toContain('canary-secret')
  })

  test('that does not answer in time is away too', async () => {
    await using server = await startRedis()
    server.pause()
    const where = ['--redis', `redis://127.0.0.1:${server.port}`, '--name', 'shop']
    const { code, codes } = await examine(...where, '--timeout', '300ms')
    server.resume()
    expect([code, codes]).toEqual([3, ['redis-away']])
  })

  test('is told of by its settings, each with a cure', async () => {
    await using server = await startRedis()
    const where = ['--redis', `redis://127.0.0.1:${server.port}`, '--name', 'shop']
    const empty = await examine(...where)
    expect([empty.code, empty.codes]).toEqual([4, ['memory', 'no-cache']])

    await server.call('CONFIG', 'SET', 'maxmemory', '100mb')
    await server.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    const evicting = await examine(...where)
    expect(evicting.codes).toEqual(['redis-server', 'no-cache'])
    expect(evicting.findings[0]).toMatchObject({
      severity: 'warn',
      message: expect.stringContaining('`maxmemory-policy` is allkeys-lru'),
      cure: 'Set `maxmemory-policy volatile-lru`.',
    })
  })

  test('is examined with no more rights than the cache has', async () => {
    await using server = await startRedis()
    await server.call('CONFIG', 'SET', 'maxmemory', '100mb')
    await server.call('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru')
    const page = readFileSync(new URL('../../docs/concepts/redis.md', import.meta.url), 'utf8')
    const [, rights = ''] = /^ACL SETUSER (app on [^`]*?)\n```/m.exec(page) ?? []
    const words = rights.replace('>secret', '>canary-secret').split(/\s+/)
    await server.call('ACL', 'SETUSER', ...words)
    const url = `redis://app:canary-secret@127.0.0.1:${server.port}`
    const client = new Redis(url, { lazyConnect: true })
    const cache = createCache({ name: 'shop', shared: redisTier(client), logger: SILENT })
    await cache.ready()
    await cache.set('a', 1, { tags: ['red'] })
    const where = ['--redis', url, ...NAMED]
    expect(await examine(...where)).toMatchObject({ code: 0, findings: [] })
    const inspected = await askTiercel(['inspect', '--key', 'a', ...where])
    expect([inspected.err, inspected.json]).toMatchObject(['', { state: 'fresh', tags: ['red'] }])
    const counted = await askTiercel(['invalidate', '--tag', 'red', '--dry-run', ...where])
    expect(counted.json['matched']).toBe(1)
    await cache.close()
    client.disconnect()

    const stranger = ['--redis', `redis://app:canary-wrong@127.0.0.1:${server.port}`, ...NAMED]
    const refused = await runTiercel(['doctor', ...stranger])
    expect([refused.code, refused.out]).toEqual([3, expect.stringContaining('WRONGPASS')])
    expect(refused.out + refused.err).not.toContain('canary')
  })

  test('that is a node of a cluster is told of, and not taken for an empty server', async () => {
    await using cluster = await startCluster()
    const where = ['--redis', `redis://127.0.0.1:${cluster.masters[0]?.port}`, ...NAMED]
    const { code, codes, findings } = await examine(...where)
    expect([code, codes]).toEqual([4, ['redis-server', 'memory']])
    expect(findings[0]).toMatchObject({
      severity: 'bad',
      message: expect.stringContaining('part of a cluster'),
      cure: expect.stringContaining('--cluster'),
    })

    const nodes = cluster.masters.map(({ port }) => ({ host: '127.0.0.1', port }))
    const client = new Cluster(nodes, { lazyConnect: true })
    const cache = createCache({ name: 'shop', shared: redisTier(client), logger: SILENT })
    await cache.setMany(Array.from({ length: 50 }, (_, at) => [`key ${at}`, at] as const))
    const whole = await examine(...where, '--cluster')
    expect([whole.code, whole.codes]).toEqual([4, ['memory', 'memory', 'memory']])
    expect(whole.facts.find(({ about }) => about === 'cache')?.value).toMatch(
      /^shop: 50 entries in 16/,
    )
    const inspected = await askTiercel(['inspect', '--key', 'key 7', ...where, '--cluster'])
    expect(inspected.json).toMatchObject({ state: 'fresh', tiers: ['shared'] })
    const removed = await askTiercel(['invalidate', '--pattern', 'key 1*', ...where, '--cluster'])
    expect(removed.code).toBe(0)
    await until('the cache has heard', async () => (await cache.get('key 11')) === undefined)
    await cache.close()
    client.disconnect()
  })

  test('in order is seen and nothing is found', async () => {
    await using server = await startRedis()
    await server.call('CONFIG', 'SET', 'maxmemory', '100mb')
    await server.call('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru')
    const client = new Redis(server.port, '127.0.0.1', { lazyConnect: true })
    const cache = createCache({
      name: 'shop',
      shared: redisTier(client),
      instance: 'shop-1',
      logger: SILENT,
    })
    const products = cache.collection('product', { source: (id: number) => ({ id }) })
    await products.getMany([1, 2, 3])
    await cache.set('note', 1)
    const where = ['--redis', `redis://127.0.0.1:${server.port}`, '--name', 'shop']
    const { code, findings, facts } = await examine(...where)
    expect(findings).toEqual([])
    expect(code).toBe(0)
    expect(facts.map(({ about }) => about)).toEqual(['redis', 'cache', 'instances'])
    expect(facts[0]?.value).toMatch(
      /^Redis \d+\.\d+\.\d+ at redis:\/\/127\.0\.0\.1:\d+, answers in/,
    )
    expect(facts[1]?.value).toBe('shop: 4 entries in 1 shard (plain keys 1, product 3)')
    expect(facts[2]?.value).toMatch(/^shop-1 \(beat /)
    await cache.close()
    client.disconnect()
  })

  test('that an instance has lost is named by the instance too, and no more once it is back', async () => {
    await using server = await startRedis()
    const client = new Redis(server.port, '127.0.0.1', { lazyConnect: true })
    client.on('error', () => {})
    const shared = redisTier(client)
    const cache = createCache({ name: 'shop', instance: 'shop-1', shared, logger: SILENT })
    await cache.ready()
    await using served = await serveAdmin(cache)
    expect((await examine(...served.read)).findings).toEqual([])
    await server.kill9()
    const told = async () => {
      await cache.get('a')
      const { findings } = await examine(...served.read)
      return findings.some(({ code, message }) => code === 'health' && /shared tier/.test(message))
    }
    await until('the instance tells of it', told, { withinMs: 5_000 })
    await server.start()
    const fine = async () => (await examine(...served.read)).code === 0
    await until('it is well again', fine, { withinMs: 10_000 })
    await cache.close()
    client.disconnect()
  })

  test('tells of writes that were given up, and of keys that all live in one shard', async () => {
    await using server = await startRedis()
    await server.call('CONFIG', 'SET', 'maxmemory', '100mb')
    await server.call('CONFIG', 'SET', 'maxmemory-policy', 'volatile-lru')
    const client = new Redis(server.port, '127.0.0.1', { lazyConnect: true })
    const shared = redisTier(client, { shards: 4 })
    const cache = createCache({
      name: 'shop',
      shared,
      logger: SILENT,
      shardBy: () => 'one',
      sharedTimeout: '5s',
    })
    const store: Store<number, string> = {
      fencing: 'versioned',
      load: () => undefined,
      apply: async (writes) =>
        writes.map(() => ({ kind: 'failed', error: new Error('no'), retry: 'permanent' }) as const),
    }
    const things = cache.collection('thing', {
      store,
      write: { put: 'behind' },
      behind: { delay: 1, attempts: 1 },
    })
    await things.put(1, 'one')
    await things.flush()
    await cache.setMany(Array.from({ length: 1_200 }, (_, at) => [`key ${at}`, at] as const))
    const where = ['--redis', `redis://127.0.0.1:${server.port}`, '--name', 'shop']
    const { code, codes } = await examine(...where)
    expect(code).toBe(4)
    expect(codes).toEqual(['uneven-shards', 'dead-letters'])
    await cache.close()
    client.disconnect()
  })
})

describe('a file', () => {
  test('is looked at without being changed', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'cache.db')
      const cache = createCache({
        ...{ name: 'shop', logger: SILENT, sharedTimeout: '5s' },
        shared: sqliteTier(path),
      })
      // A set that comes before the file is open is told to it later.
      await cache.ready()
      await cache.set('a', 1)
      const fine = await examine('--sqlite', path, '--name', 'shop')
      expect([fine.code, fine.findings]).toEqual([0, []])
      expect(fine.facts[1]?.value).toMatch(/^shop: 1 entries, .*\(plain keys 1\)$/)
      for (let times = 0; times < 2; times += 1) {
        const other = await examine('--sqlite', path, '--name', 'shpo')
        expect([other.code, other.codes]).toEqual([4, ['no-cache']])
        expect(other.findings[0]?.message).toContain('there is shop')
      }
      await cache.close()
    })
  })

  test('of another kind is told of', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'notes.txt')
      writeFileSync(
        path,
        'these are notes, and no database at all, for more than one page '.repeat(99),
      )
      const { codes, code } = await examine('--sqlite', path, '--name', 'shop')
      expect([code, codes]).toEqual([3, ['file']])
    })
  })
})

describe('the configuration', () => {
  const printed = async (args: readonly string[], environment: Record<string, string> = {}) => {
    const options = { environment }
    const { code, json, err } = await askTiercel(['doctor', '--print-config', ...args], options)
    const config = (json['config'] ?? []) as { option: string; value: unknown; from: string }[]
    const at = (option: string) => config.find((line) => line.option === option)
    return { code, err, at, config, findings: (json as unknown as Answer).findings }
  }

  test('is printed with where each value comes from', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'tiercel.json')
      writeFileSync(
        path,
        JSON.stringify({
          $schema: 'x',
          name: 'shop',
          memory: { entries: 5 },
          idle: { after: '9d' },
        }),
      )
      const environment = { TIERCEL_DEFAULTS_TTL: '90s', TIERCEL_WARMING: 'off', PATH: '/bin' }
      const { code, at, findings } = await printed(['--config', path], environment)
      expect([code, findings]).toEqual([0, []])
      expect(at('name')).toEqual({ option: 'name', value: 'shop', from: 'file' })
      expect(at('memory.entries')).toMatchObject({ value: 5, from: 'file' })
      expect(at('memory.compaction')).toMatchObject({ value: 0.3, from: 'default' })
      expect(at('idle.after')).toMatchObject({ value: '9d', from: 'file' })
      expect(at('idle.every')).toMatchObject({ value: '6h', from: 'default' })
      expect(at('defaults.ttl')).toMatchObject({ value: '90s', from: 'environment' })
      expect(at('warming')).toMatchObject({ value: 'off', from: 'environment' })
      expect(at('warming.batch')).toBeUndefined()
      expect(at('slowAfter')).toMatchObject({ value: '100ms', from: 'default' })
    })
  })

  test('hides what is secret', async () => {
    const secrets = { TIERCEL_ADMIN_TOKEN: 'canary-token' }
    const { config, at } = await printed(
      ['--redis', 'redis://user:canary-password@127.0.0.1:1', '--name', 'shop'],
      secrets,
    )
    expect(JSON.stringify(config)).not.toContain('canary')
    expect(at('--token')).toMatchObject({ value: '***', from: 'environment' })
    expect(at('--redis')).toMatchObject({ value: 'redis://***@127.0.0.1:1', from: 'option' })
  })

  test.each([
    [{ TIERCEL_MEMORY_ENTRIES: '0' }, '`memory.entries`'],
    [{ TIERCEL_MEMORY_ENTRYS: '5' }, '`TIERCEL_MEMORY_ENTRYS`'],
    [{ TIERCEL_DEFAULTS_TTL: 'soon' }, '`TIERCEL_DEFAULTS_TTL`'],
  ])('that cannot work is found, by the name of its field: %o', async (environment, words) => {
    const { code, findings } = await printed([], environment as Record<string, string>)
    expect(code).toBe(4)
    expect(findings).toMatchObject([{ code: 'config', severity: 'bad' }])
    expect(findings[0]?.message).toContain(words)
  })
})

test('who names nothing is told what there is', async () => {
  const { code, err } = await runTiercel(['doctor'])
  expect([code, err]).toEqual([2, expect.stringContaining('--redis or --sqlite with --name')])
})
