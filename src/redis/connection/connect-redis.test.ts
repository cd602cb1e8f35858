import { execFile } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'
import { inspect, promisify } from 'node:util'
import { Cluster, Redis } from 'ioredis'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { createSentinel as createSentinel5 } from 'redis-5'
import { describe, expect, test } from 'vitest'
import { FaultProxy } from '../../../test/servers/fault-proxy.ts'
import { openConnection } from '../../../test/servers/open-connection.ts'
import { type Driver, drivers } from '../../../test/servers/redis-drivers.ts'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { until } from '../../../test/servers/until.ts'
import { ConfigError } from '../../contracts/errors.ts'
import { SystemClock } from '../../memory/system-clock.ts'
import { SystemRandom } from '../../memory/system-random.ts'
import { connectRedis, type RedisClientLike } from './connect-redis.ts'
import { RedisError } from './redis-error.ts'

const run = promisify(execFile)
const context = { clock: new SystemClock(), random: new SystemRandom(), report: () => {} }
const bytes = (text: string): Buffer => Buffer.from(text)

async function setup({ single }: Driver) {
  const server = await startRedis()
  const open = openConnection(single(server.port))
  await open.connection.ready
  return {
    ...open,
    server,
    async [Symbol.asyncDispose]() {
      await open[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

describe.each(drivers)('a connection through $driver', (driver) => {
  test('answers a batch in order, texts as bytes and errors as values', async () => {
    await using opened = await setup(driver)
    const { connection } = opened
    const replies = await connection.send('any', [
      ['SET', 'key', Uint8Array.of(0, 255, 13, 10)],
      ['get', Uint8Array.from(bytes('key'))],
      ['GET', 'absent'],
      ['INCR', 'counter'],
      ['INCR', 'key'],
      ['MGET', 'key', 'absent'],
      ['EVAL', 'return {1, {"inner", redis.error_reply("GONE inside")}}', '0'],
    ])
    expect(replies).toEqual([
      bytes('OK'),
      Buffer.of(0, 255, 13, 10),
      null,
      1,
      expect.objectContaining({ code: 'ERR' }),
      [Buffer.of(0, 255, 13, 10), null],
      [1, [bytes('inner'), expect.objectContaining({ code: 'GONE' })]],
    ])
    expect(replies[4]).toBeInstanceOf(RedisError)
  })

  test('answers one command alone, and none', async () => {
    await using opened = await setup(driver)
    const { connection } = opened
    await expect(connection.send('any', [['SET', 'a', '1']])).resolves.toEqual([bytes('OK')])
    await expect(connection.send('any', [['HGETALL', 'none']])).resolves.toEqual([[]])
    await expect(connection.send('any', [])).resolves.toEqual([])
  })

  test('reads many values at once, in the order of the keys', async () => {
    await using opened = await setup(driver)
    const { connection } = opened
    await connection.send('any', [['MSET', 'a', '1', 'b', '2']])
    const values = await connection.getMany(['b', 'absent', 'a', 'b'])
    expect(values).toEqual([bytes('2'), null, bytes('1'), bytes('2')])
    await expect(connection.getMany([])).resolves.toEqual([])
  })

  test('names its only server, and goes on with it by the name', async () => {
    await using opened = await setup(driver)
    const { connection, server } = opened
    const node = `127.0.0.1:${server.port}`
    expect(connection.kind).toBe('single')
    expect(connection.nodeOf('any')).toBe(node)
    await expect(connection.eachNode([['ECHO', 'x']])).resolves.toEqual([
      { node, replies: [bytes('x')] },
    ])
    await expect(connection.sendTo(node, [['ECHO', 'y']])).resolves.toEqual([bytes('y')])
    await expect(connection.sendTo('other:1', [['ECHO', 'y']])).rejects.toThrow(
      'There is no server other:1 now.',
    )
  })

  test('passes on messages of its channels to every listener, and no others', async () => {
    await using opened = await setup(driver)
    const { connection } = opened
    const heard: string[] = []
    await connection.subscribe('first', (message) => heard.push(`1 ${message}`))
    await connection.subscribe('first', (message) => heard.push(`2 ${message}`))
    await connection.subscribe('second', (message) => heard.push(`3 ${message}`))
    await connection.send('any', [
      ['PUBLISH', 'other', 'no'],
      ['PUBLISH', 'first', 'grüße'],
      ['PUBLISH', 'second', 'b'],
    ])
    await until('all messages have come', () => heard.length === 3)
    expect(heard.toSorted()).toEqual(['1 grüße', '2 grüße', '3 b'])
  })

  test('says in words that a channel is refused', async () => {
    await using server = await startRedis()
    await server.call('ACL', 'SETUSER', 'app', 'on', '>pass', '~*', '+@all', 'resetchannels')
    const user = driver.single(server.port, { username: 'app', password: 'pass' })
    await using opened = openConnection(user)
    const { connection } = opened
    await connection.ready
    await expect(connection.subscribe('channel', () => {})).rejects.toThrow(
      /refused to pass on messages: NOPERM .*ACL/,
    )
  })

  test('works beside a client that is connected, which goes on', async () => {
    await using server = await startRedis()
    const user = driver.single(server.port)
    const client = user.client as RedisClientLike & { get(key: string): unknown }
    await client.connect()
    {
      await using opened = openConnection({ ...user, end: () => {} })
      await opened.connection.ready
      await opened.connection.send('any', [['SET', 'a', '1']])
    }
    await expect(client.get('a')).resolves.toBe('1')
    if ('destroy' in client) client.destroy()
    user.end()
  })

  test('uses the database of the client', async () => {
    await using server = await startRedis()
    const user =
      'isCluster' in driver.single(server.port).client
        ? new Redis({ port: server.port, db: 3, lazyConnect: true })
        : createClient({ url: `redis://127.0.0.1:${server.port}/3` })
    await using opened = openConnection({ client: user, end: () => {} })
    await opened.connection.ready
    await opened.connection.send('any', [['SET', 'a', '1']])
    expect((await server.info('keyspace'))['db3']).toMatch(/^keys=1,/)
  })

  test('leaves nothing behind when it is closed: the process ends by itself', async () => {
    await using server = await startRedis()
    const code = `
      import { drivers } from './test/servers/redis-drivers.ts'
      import { openConnection } from './test/servers/open-connection.ts'
      const { single } = drivers.find(({ driver }) => driver === ${JSON.stringify(driver.driver)})
      const { connection } = openConnection(single(${server.port}))
      await connection.ready
      await connection.subscribe('channel', () => {})
      const [reply] = await connection.send('any', [['PING']])
      connection.send('any', [['BLPOP', 'never', '0']]).catch(() => console.log('rejected'))
      await connection.close()
      await connection.close()
      console.log(String(reply), connection.state)`
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', code], {
      timeout: 10_000,
    })
    expect(stdout.split('\n').toSorted()).toEqual(['', 'PONG closed', 'rejected'])
    expect(stderr).toBe('')
    await until('the server sees nobody but the question', async () => {
      return (await server.info('clients'))['connected_clients'] === '1'
    })
  })

  test('that is closed while it connects leaves no socket open', async () => {
    await using server = await startRedis()
    await using way = await FaultProxy.start(server.port)
    way.set({ latencyMs: 50 })
    for (const closeAfterMs of [0, 5, 20, 60, 110]) {
      const user = driver.single(way.port)
      const connection = connectRedis(user.client, context)
      await pause(closeAfterMs)
      await connection.close()
      user.end()
      await until('every socket is closed', () => way.open === 0, { withinMs: 3_000 })
    }
  })

  test('rejects whatever is asked of it after its close', async () => {
    await using opened = await setup(driver)
    const { connection } = opened
    const waiting = connection.send('any', [['BLPOP', 'never', '0']])
    const late = expect(waiting).rejects.toThrow('has been closed')
    await connection.close()
    await late
    expect(connection.state).toBe('closed')
    await expect(connection.send('any', [['PING']])).rejects.toThrow('has been closed')
    await expect(connection.getMany(['a'])).rejects.toThrow('has been closed')
    await expect(connection.subscribe('a', () => {})).rejects.toThrow('has been closed')
  })

  test('shows no key, value or password in any error', async () => {
    await using server = await startRedis()
    await server.call('ACL', 'SETUSER', 'app', 'on', '>canary-pass', '~*', '&*', '+@all', '-set')
    const access = { username: 'app', password: 'canary-pass' }
    await using opened = openConnection(driver.single(server.port, access))
    await using wrong = openConnection(
      driver.single(server.port, { ...access, password: 'canary-wrong' }),
    )
    const { connection } = opened
    await connection.ready
    const replies = await connection.send('any', [
      ['NOSUCH', 'canary-key', "canary 'value"],
      ['SET', 'canary-key', 'canary-value'],
      ['EVAL', 'return redis.error_reply("ERR seen \'canary-key\'")', '0'],
      ['GETEX', 'canary-key', 'canary-option', 'canary-value'],
    ])
    const shown: unknown[] = [...replies]
    const lost = connection.send('canary-key', [['BLPOP', 'canary-key', '0']]).catch((e) => e)
    await until('the password is refused', () => wrong.failures.length > 0)
    shown.push(await wrong.connection.send('canary-key', [['GET', 'canary-key']]).catch((e) => e))
    await server.kill9()
    shown.push(await lost)
    await until('the outage is told', () => opened.failures.length > 0)
    shown.push(...opened.failures, ...wrong.failures)
    const text = inspect(shown, { depth: 10, showHidden: true }).replaceAll(import.meta.url, '')
    expect(text).not.toContain('canary')
    expect(text).toContain('WRONGPASS')
    expect(text).toContain("does not know the command 'NOSUCH'")
    expect(text).toContain("no permission to run 'set'")
  })
})

describe('a client that cannot be used', () => {
  const lazyConnect = true
  const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['nothing', () => undefined, /`client` to be a client of ioredis/],
    ['an address', () => 'redis://127.0.0.1', /`createClient\(\.\.\.\)`/],
    ['an object that is none', () => ({ get: () => '1' }), /a client of ioredis/],
    ['a pool', () => createClientPool(), /a client of ioredis/],
    [
      'an ioredis client with a prefix',
      () => new Redis({ lazyConnect, keyPrefix: 'app:' }),
      /keyPrefix.*prefix of all its keys/,
    ],
    [
      'an ioredis cluster with a prefix',
      () => new Cluster([], { lazyConnect, keyPrefix: 'app:' }),
      /keyPrefix/,
    ],
    ['a node-redis client with a prefix', () => createClient({ keyPrefix: 'app:' }), /keyPrefix/],
    [
      'an ioredis client of a replica',
      () => new Redis({ lazyConnect, readOnly: true }),
      /readOnly/,
    ],
    [
      'an ioredis client of replicas by sentinels',
      () => new Redis({ lazyConnect, role: 'slave', name: 'a', sentinels: [{ port: 1 }] }),
      /role.*masters only/,
    ],
    [
      'an ioredis cluster that reads from replicas',
      () => new Cluster([], { lazyConnect, scaleReads: 'slave' }),
      /scaleReads/,
    ],
    ['a node-redis client of a replica', () => createClient({ readonly: true }), /readonly/],
    [
      'a node-redis cluster that reads from replicas',
      () => createCluster({ rootNodes: [], useReplicas: true }),
      /useReplicas/,
    ],
    [
      'a sentinel client of node-redis 5',
      () => createSentinel5({ name: 'a', sentinelRootNodes: [] }),
      /node-redis 6 or ioredis/,
    ],
  ]

  test.each(refused)('is refused with the cure: %s', (_, make, message) => {
    const connect = () => connectRedis(make() as RedisClientLike, context)
    expect(connect).toThrow(ConfigError)
    expect(connect).toThrow(message)
  })

  test('is refused when it has been closed', async () => {
    const client = new Redis({ lazyConnect: true })
    client.disconnect()
    expect(() => connectRedis(client, context)).toThrow(/has not been closed/)
  })

  test('is not refused for having prefixed nothing', async () => {
    const client = createSentinel({
      name: 'a',
      sentinelRootNodes: [{ host: '127.0.0.1', port: 1 }],
    })
    await connectRedis(client, context).close()
    await connectRedis(new Redis({ lazyConnect: true, keyPrefix: '' }), context).close()
  })
})
