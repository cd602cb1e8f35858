import { describe, expect, test } from 'vitest'
import { openConnection } from '../../../test/servers/open-connection.ts'
import { type Driver, drivers } from '../../../test/servers/redis-drivers.ts'
import type { RedisConfig } from '../../../test/servers/redis-server.ts'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { startReplicas } from '../../../test/servers/start-replicas.ts'
import { checkServer } from './check-server.ts'
import type { ServerNeeds } from './judge-node.ts'

const access = { username: 'app', password: 'pass' }

interface Setting {
  readonly config?: RedisConfig
  /** Rights that the user of the connection does not have, as an ACL says so. */
  readonly without?: readonly string[]
  readonly pendingWrites?: ServerNeeds['pendingWrites']
}

async function check(driver: Driver, setting: Setting = {}) {
  await using server = await startRedis({ config: setting.config ?? {} })
  const rights = ['~*', '&*', '+@all', ...(setting.without ?? [])]
  await server.call('ACL', 'SETUSER', 'app', 'on', '>pass', ...rights)
  await using opened = openConnection(driver.single(server.port, access))
  await opened.connection.ready
  const needs = { pendingWrites: setting.pendingWrites ?? 'none' } as const
  const result = await checkServer(opened.connection, needs)
  const [facts] = result.facts
  return { ...result, node: `127.0.0.1:${server.port}`, facts }
}

const durable: RedisConfig = { appendonly: 'yes', appendfsync: 'always' }

describe.each(drivers)('a server, asked through $driver,', (driver) => {
  test('tells its version and settings, and is good as it comes', async () => {
    const { facts, problems, node } = await check(driver)
    expect(facts).toEqual({
      node,
      software: 'redis',
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      isCluster: false,
      role: 'master',
      maxMemoryBytes: 0,
      maxMemoryPolicy: 'noeviction',
      appendOnly: false,
      appendFsync: 'everysec',
      noAppendFsyncOnRewrite: false,
      replicas: 0,
      minReplicasToWrite: 0,
      minReplicasMaxLagSeconds: 10,
      infoInScripts: true,
      refused: [],
    })
    expect(problems).toEqual([])
  })

  test('is warned of if it may evict anything, and refused if writes wait there', async () => {
    const config = { maxmemory: '64mb', 'maxmemory-policy': 'allkeys-lru' }
    const { problems, node } = await check(driver, { config })
    expect(problems).toEqual([
      {
        severity: 'warn',
        message: expect.stringMatching(`^${node}: .*allkeys-lru`),
        cure: 'Set `maxmemory-policy volatile-lru`.',
      },
    ])
    const refused = await check(driver, { config, pendingWrites: 'memory' })
    expect(refused.problems.map(({ severity }) => severity)).toEqual(['refuse'])
  })

  test('is warned of if it refuses everything once it is full', async () => {
    const { problems, facts } = await check(driver, { config: { maxmemory: '64mb' } })
    expect(facts?.maxMemoryBytes).toBe(64 * 2 ** 20)
    expect(problems).toEqual([
      expect.objectContaining({
        severity: 'warn',
        message: expect.stringContaining('noeviction with 67108864 bytes'),
        cure: expect.stringContaining('volatile-lru'),
      }),
    ])
  })

  test('is judged by its files only where writes wait for the source durably', async () => {
    await expect(check(driver, { pendingWrites: 'memory' })).resolves.toMatchObject({
      problems: [],
    })
    const kept = await check(driver, { pendingWrites: 'durable', config: durable })
    expect(kept.problems).toEqual([])
    const lost = await check(driver, { pendingWrites: 'durable' })
    expect(lost.problems).toEqual([
      {
        severity: 'refuse',
        message: expect.stringContaining('`appendonly` is off'),
        cure: expect.stringContaining("durability: 'memory'"),
      },
    ])
    const config = { appendonly: 'yes', 'no-appendfsync-on-rewrite': 'yes' }
    const late = await check(driver, { pendingWrites: 'durable', config })
    expect(late.problems.map(({ severity, cure }) => `${severity} ${cure}`)).toEqual([
      'warn Set `appendfsync always`.',
      'warn Set `no-appendfsync-on-rewrite no`.',
    ])
  })

  test('says what it cannot see where CONFIG is refused, and reads INFO', async () => {
    const config = { maxmemory: '64mb', 'maxmemory-policy': 'allkeys-lfu' }
    const { facts, problems } = await check(driver, { without: ['-config'], config })
    expect(facts).toMatchObject({
      refused: ['CONFIG'],
      maxMemoryPolicy: 'allkeys-lfu',
      maxMemoryBytes: 64 * 2 ** 20,
      appendFsync: undefined,
      minReplicasToWrite: undefined,
    })
    expect(problems.map(({ severity, cure }) => `${severity} ${cure}`)).toEqual([
      'warn Set `maxmemory-policy volatile-lru`.',
      'warn Grant `+config|get`, or see to it yourself: `appendfsync always` where writes wait for the source.',
    ])
  })

  test('is warned of where INFO is refused, and refused if writes wait there', async () => {
    const { facts, problems } = await check(driver, { without: ['-info'] })
    expect(facts).toMatchObject({ infoInScripts: false, refused: ['INFO'], version: '' })
    expect(problems.map(({ severity, cure }) => `${severity} ${cure}`)).toEqual([
      'warn Grant `+info` in the ACL of the user.',
      'warn Grant `+info`, or see to it that the server is Redis 6.2 or later (Valkey 7.2).',
    ])
    const pending = await check(driver, { without: ['-info'], pendingWrites: 'memory' })
    expect(pending.problems[0]).toMatchObject({
      severity: 'refuse',
      message: expect.stringContaining('a failover behind a proxy may go unseen'),
    })
  })

  test('is refused by a client for one server if it is part of a cluster', async () => {
    const { facts, problems } = await check(driver, { config: { 'cluster-enabled': 'yes' } })
    expect(facts?.isCluster).toBe(true)
    expect(problems).toContainEqual({
      severity: 'refuse',
      message: expect.stringContaining('part of a cluster'),
      cure: expect.stringContaining('`createCluster(...)`'),
    })
  })

  test('is refused if no scripts may be run', async () => {
    const { problems } = await check(driver, { without: ['-eval'] })
    expect(problems).toEqual([
      {
        severity: 'refuse',
        message: expect.stringContaining('may not run scripts'),
        cure: 'Grant `+eval +evalsha` in its ACL.',
      },
    ])
  })
})

describe.each(drivers)('a master with replicas, asked through $driver,', (driver) => {
  test('is warned of unless it writes only with all of them in step', async () => {
    await using group = await startReplicas({ replicas: 2 })
    await using opened = openConnection(driver.single(group.master.port))
    const { connection } = opened
    await connection.ready
    const asked = async (toWrite: number, lag: number) => {
      await group.master.call('CONFIG', 'SET', 'min-replicas-to-write', toWrite)
      await group.master.call('CONFIG', 'SET', 'min-replicas-max-lag', lag)
      return (await checkServer(connection, { pendingWrites: 'none' })).problems
    }
    const [problem] = await asked(0, 10)
    expect(problem).toMatchObject({
      severity: 'warn',
      message: expect.stringContaining('2 replicas, with `min-replicas-to-write 0`'),
      cure: expect.stringContaining('`min-replicas-to-write 2` and `min-replicas-max-lag 2`'),
    })
    await expect(asked(1, 2)).resolves.toHaveLength(1)
    await expect(asked(2, 3)).resolves.toHaveLength(1)
    await expect(asked(2, 0)).resolves.toHaveLength(1)
    await expect(asked(2, 2)).resolves.toEqual([])
  })
})
