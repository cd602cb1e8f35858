import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, describe, expect, test } from 'vitest'
import { FaultProxy } from '../../../test/servers/fault-proxy.ts'
import { freePort } from '../../../test/servers/free-port.ts'
import { openConnection } from '../../../test/servers/open-connection.ts'
import { type Driver, drivers } from '../../../test/servers/redis-drivers.ts'
import type { RedisServer } from '../../../test/servers/redis-server.ts'
import { type RedisCluster, startCluster } from '../../../test/servers/start-cluster.ts'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { until } from '../../../test/servers/until.ts'
import { TierError } from '../../contracts/errors.ts'
import { checkServer } from './check-server.ts'
import { keySlot } from './key-slot.ts'
import type { RedisConnection } from './redis-connection.ts'
import { RedisError } from './redis-error.ts'

const run = promisify(execFile)

/** One cluster for all tests that leave it in order: each start takes two seconds. */
let steady: Promise<RedisCluster> | undefined
afterAll(async () => {
  await (await steady)?.[Symbol.asyncDispose]()
})

async function setup({ cluster: driverCluster }: Driver, own?: RedisCluster) {
  steady ??= own === undefined ? startCluster() : undefined
  const cluster = own ?? (await steady)
  if (cluster === undefined) throw new Error('There is a cluster.')
  // One node is enough to find the others.
  const open = openConnection(driverCluster([cluster.masters[0]?.port ?? 0]))
  await open.connection.ready
  return { ...open, cluster, masters: cluster.masters }
}

const addressOf = ({ port }: RedisServer): string => `127.0.0.1:${port}`
const bytes = (text: string): Buffer => Buffer.from(text)

/** A master by what `nodeOf` calls it. */
function serverOf(masters: readonly RedisServer[], connection: RedisConnection, key: string) {
  const owner = masters.find((master) => addressOf(master) === connection.nodeOf(key))
  const other = masters.find((master) => master !== owner)
  if (owner === undefined || other === undefined) throw new Error('The key has a master.')
  return { owner, other }
}

const idOf = async (server: RedisServer): Promise<string> =>
  String(await server.call('CLUSTER', 'MYID'))

/** The first half of moving a slot: it is on its way. */
async function beginMove(slot: number, from: RedisServer, to: RedisServer): Promise<void> {
  await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', await idOf(from))
  await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', await idOf(to))
}

async function endMove(slot: number, from: RedisServer, to: RedisServer): Promise<void> {
  const id = await idOf(to)
  await to.call('CLUSTER', 'SETSLOT', slot, 'NODE', id)
  await from.call('CLUSTER', 'SETSLOT', slot, 'NODE', id)
}

describe.each(drivers)('a connection to a cluster, through $driver', (driver) => {
  test('sends to the master of the slot and reads values of all slots in order', async () => {
    await using opened = await setup(driver)
    const { connection, masters, events } = opened
    const keys = Array.from({ length: 60 }, (_, index) => `{${driver.driver} ${index}}:key`)
    for (const key of keys) await connection.send(key, [['SET', key, key]])
    const values = await connection.getMany([...keys, 'absent'])
    expect(values).toEqual([...keys.map(bytes), null])
    const owners = new Set(keys.map((key) => connection.nodeOf(key)))
    expect([...owners].toSorted()).toEqual(masters.map(addressOf).toSorted())
    expect(connection.kind).toBe('cluster')
    expect(events).toEqual([])
  })

  test('reads keys of one slot and of others in one go', async () => {
    await using opened = await setup(driver)
    const { connection } = opened
    const tag = `{${driver.driver}}`
    await connection.send(tag, [['MSET', `${tag}1`, 'a', `${tag}2`, 'b']])
    const values = await connection.getMany([`${tag}2`, 'absent', `${tag}1`])
    expect(values).toEqual([bytes('b'), null, bytes('a')])
  })

  test('asks every master once, and goes on with one', async () => {
    await using opened = await setup(driver)
    const { connection, masters } = opened
    const answers = await connection.eachNode([['CLUSTER', 'MYID']])
    expect(answers.map(({ node }) => node).toSorted()).toEqual(masters.map(addressOf).toSorted())
    for (const { node, replies } of answers) {
      await expect(connection.sendTo(node, [['CLUSTER', 'MYID']])).resolves.toEqual(replies)
    }
    await expect(connection.sendTo('127.0.0.1:1', [['PING']])).rejects.toThrow(TierError)
  })

  test('passes on messages that were published at any node', async () => {
    await using opened = await setup(driver)
    const { connection, masters } = opened
    const heard: string[] = []
    await connection.subscribe(driver.driver, (message) => heard.push(message))
    for (const master of masters) {
      await master.call('PUBLISH', driver.driver, addressOf(master))
    }
    await until('all have come', () => heard.length === masters.length)
    expect(heard.toSorted()).toEqual(masters.map(addressOf).toSorted())
  })

  test('follows a slot that has moved, and tells so before the reply', async () => {
    await using opened = await setup(driver)
    const { connection, events, masters } = opened
    const key = `moved by ${driver.driver}`
    await connection.send(key, [['SET', key, '1']])
    const { owner, other } = serverOf(masters, connection, key)
    await beginMove(keySlot(key), owner, other)
    await owner.call('MIGRATE', '127.0.0.1', other.port, key, 0, 1000)
    await endMove(keySlot(key), owner, other)
    const order: string[] = []
    connection.onState(({ nodes }) => order.push(`told ${nodes?.join()}`))
    const replies = await connection.send(key, [
      ['INCR', key],
      ['INCR', key],
    ])
    order.push('replied')
    expect(replies).toEqual([2, 3])
    expect(order).toEqual([`told ${addressOf(other)}`, 'replied'])
    expect(events).toEqual([{ kind: 'reconnected', nodes: [addressOf(other)] }])
    expect(connection.nodeOf(key)).toBe(addressOf(other))
    await expect(connection.getMany([key])).resolves.toEqual([bytes('3')])
  })

  test('reads values of a slot that has moved without being asked again', async () => {
    await using opened = await setup(driver)
    const { connection, masters } = opened
    const key = `read after a move by ${driver.driver}`
    await connection.send(key, [['SET', key, '1']])
    const { owner, other } = serverOf(masters, connection, key)
    await beginMove(keySlot(key), owner, other)
    await owner.call('MIGRATE', '127.0.0.1', other.port, key, 0, 1000)
    await endMove(keySlot(key), owner, other)
    await expect(connection.getMany(['absent', key])).resolves.toEqual([null, bytes('1')])
  })

  test('asks where a slot is going for what has gone there already', async () => {
    await using opened = await setup(driver)
    const { connection, events, masters } = opened
    const key = `on its way by ${driver.driver}`
    await connection.send(key, [['SET', key, '1']])
    const { owner, other } = serverOf(masters, connection, key)
    await beginMove(keySlot(key), owner, other)
    await owner.call('MIGRATE', '127.0.0.1', other.port, key, 0, 1000)
    const replies = await connection.send(key, [
      ['INCR', key],
      ['GET', key],
    ])
    expect(replies).toEqual([2, bytes('2')])
    expect(connection.nodeOf(key)).toBe(addressOf(owner))
    expect(events).toEqual([])
    await endMove(keySlot(key), owner, other)
  })

  test('takes no transaction elsewhere in pieces', async () => {
    await using opened = await setup(driver)
    const { connection, masters } = opened
    const key = `transaction by ${driver.driver}`
    const { owner, other } = serverOf(masters, connection, key)
    await beginMove(keySlot(key), owner, other)
    await endMove(keySlot(key), owner, other)
    const replies = await connection.send(key, [['MULTI'], ['INCR', key], ['EXEC']])
    expect(replies.map((reply) => (reply instanceof RedisError ? reply.code : 'done'))).toEqual([
      'done',
      'MOVED',
      'EXECABORT',
    ])
    await expect(other.call('EXISTS', key)).resolves.toBe(0)
  })

  test('takes credentials and translated addresses from the client', async () => {
    await using opened = await setup(driver)
    const { masters } = opened
    const proxies = new Map<string, FaultProxy>()
    await using all = new AsyncDisposableStack()
    for (const master of masters) {
      await master.call('ACL', 'SETUSER', 'app', 'on', '>pass', '~*', '&*', '+@all')
      proxies.set(addressOf(master), all.use(await FaultProxy.start(master.port)))
    }
    const user = driver.cluster([masters[0]?.port ?? 0], {
      access: { username: 'app', password: 'pass' },
      translate: (address) => ({ host: '127.0.0.1', port: proxies.get(address)?.port ?? 0 }),
    })
    await using translated = openConnection(user)
    const { connection } = translated
    await connection.ready
    const answers = await connection.eachNode([['ACL', 'WHOAMI']])
    expect(answers.map(({ replies }) => String(replies))).toEqual(['app', 'app', 'app'])
    expect([...proxies.values()].map(({ open }) => open)).toEqual([1, 1, 1])
    await connection.subscribe('channel', () => {})
    expect([...proxies.values()].map(({ open }) => open).toSorted()).toEqual([1, 1, 2])
  })

  test('is checked at every master', async () => {
    await using opened = await setup(driver)
    const { connection, masters } = opened
    const { facts, problems } = await checkServer(connection, { pendingWrites: 'none' })
    expect(facts.map(({ node }) => node).toSorted()).toEqual(masters.map(addressOf).toSorted())
    expect(facts.every(({ isCluster }) => isCluster)).toBe(true)
    expect(problems).toEqual([])
  })

  test('leaves nothing behind when it is closed: the process ends by itself', async () => {
    await using opened = await setup(driver)
    const { masters } = opened
    const code = `
      import { drivers } from './test/servers/redis-drivers.ts'
      import { openConnection } from './test/servers/open-connection.ts'
      const { cluster } = drivers.find(({ driver }) => driver === ${JSON.stringify(driver.driver)})
      const { connection } = openConnection(cluster([${masters[0]?.port}]))
      const early = openConnection(cluster([${masters[0]?.port}])).connection
      await early.close()
      await early.ready.catch(() => console.log('closed early'))
      await connection.ready
      await connection.subscribe('channel', () => {})
      connection.send('never', [['BLPOP', 'never', '0']]).catch(() => console.log('rejected'))
      await connection.close()`
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', code], {
      timeout: 10_000,
    })
    expect(stdout.split('\n').toSorted()).toEqual(['', 'closed early', 'rejected'])
    expect(stderr).toBe('')
  })
})

describe.concurrent.each(drivers)('an outage of a cluster, through $driver', (driver) => {
  test('of one master leaves the others, and ends with its replica in its place', async () => {
    await using cluster = await startCluster({ replicas: 1 })
    await using opened = await setup(driver, cluster)
    const { connection, events, masters } = opened
    const keys = Array.from({ length: 30 }, (_, index) => `key ${index}`)
    for (const key of keys) await connection.send(key, [['SET', key, key]])
    const { owner } = serverOf(masters, connection, 'key 0')
    const gone = keys.filter((key) => connection.nodeOf(key) === addressOf(owner))
    const heard: string[] = []
    await connection.subscribe('channel', (message) => heard.push(message))
    // Stopped rather than killed: nothing tells the client.
    owner.pause()
    const stoppedAt = performance.now()
    const values = await connection.getMany(keys)
    expect(performance.now() - stoppedAt).toBeLessThan(1500)
    const failed = keys.filter((_, index) => values[index] instanceof RedisError)
    expect(failed).toEqual(gone)
    expect(events).toContainEqual({ kind: 'lost', nodes: [addressOf(owner)] })
    await expect(connection.eachNode([['PING']])).rejects.toThrow(TierError)
    await until('the replica takes writes', async () => {
      const [reply] = await connection.send('key 0', [['INCR', 'served {key 0}']])
      return typeof reply === 'number'
    })
    const promoted = connection.nodeOf('key 0')
    expect(cluster.replicas.map(addressOf)).toContain(promoted)
    expect(events).toContainEqual({ kind: 'reconnected', nodes: [promoted] })
    // The others answer that the cluster is down until each has heard who owns the slots now.
    let all: readonly unknown[] = []
    await until('all masters answer', async () => {
      all = await connection.getMany(keys)
      return !all.some((value) => value instanceof RedisError)
    })
    expect(all).toEqual(keys.map(bytes))
    await until('messages come', async () => {
      const [other] = masters.filter((master) => master !== owner)
      await other?.call('PUBLISH', 'channel', 'again')
      return heard.length > 0
    })
    owner.resume()
  })

  test('of all ends at other addresses that the same name leads to by then', async () => {
    let address = '127.0.0.2'
    const config = { 'cluster-enabled': 'yes', 'cluster-port': await freePort() }
    const settle = (): object =>
      Object.assign(config, { bind: `127.0.0.1 ${address}`, 'cluster-announce-ip': address })
    settle()
    await using server = await startRedis({ config })
    await server.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16383)
    await using opened = openConnection(driver.cluster([server.port], { lookUp: () => address }))
    const { connection, events } = opened
    const untilServed = (): Promise<void> =>
      until('the slots are served', async () => {
        const [reply] = await connection.send('a', [['SET', 'a', '1']])
        return String(reply) === 'OK'
      })
    await untilServed()
    expect(connection.nodeOf('a')).toBe(`127.0.0.2:${server.port}`)
    const heard: string[] = []
    await connection.subscribe('channel', (message) => heard.push(message))
    await server.kill9()
    address = '127.0.0.3'
    settle()
    await server.start()
    await untilServed()
    expect(connection.nodeOf('a')).toBe(`127.0.0.3:${server.port}`)
    expect(events).toContainEqual({ kind: 'reconnected', nodes: [`127.0.0.3:${server.port}`] })
    await until('messages come', async () => {
      await server.call('PUBLISH', 'channel', 'again')
      return heard.length > 0
    })
  })

  test('of all is waited out from the start, and from a seed that is not there', async () => {
    await using cluster = await startCluster({ masters: 1 })
    const [master] = cluster.masters
    if (master === undefined) throw new Error('There is a master.')
    await master.kill9()
    await using opened = openConnection(driver.cluster([1, master.port]))
    const { connection, failures } = opened
    await until('the failure is reported', () => failures.length > 0)
    await expect(connection.send('a', [['PING']])).rejects.toThrow('Nothing was sent')
    await master.start()
    await connection.ready
    await until('the slots are served', async () => {
      const [reply] = await connection.send('a', [['SET', 'a', '1']])
      return String(reply) === 'OK'
    })
  })
})
