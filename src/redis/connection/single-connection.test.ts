import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { FaultProxy } from '../../../test/servers/fault-proxy.ts'
import { openConnection } from '../../../test/servers/open-connection.ts'
import { type Driver, drivers } from '../../../test/servers/redis-drivers.ts'
import type { RedisConfig } from '../../../test/servers/redis-server.ts'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { startSentinel } from '../../../test/servers/start-sentinel.ts'
import { until } from '../../../test/servers/until.ts'
import type { Clock } from '../../contracts/clock.ts'
import { TierError } from '../../contracts/errors.ts'
import type { RedisConnection } from './redis-connection.ts'

interface Setting {
  readonly config?: RedisConfig
  readonly clock?: Clock
}

/** A server behind a proxy, and a connection that is ready. */
async function setup({ single }: Driver, { config = {}, clock }: Setting = {}) {
  const server = await startRedis({ config })
  const proxy = await FaultProxy.start(server.port)
  const open = openConnection(single(proxy.port), clock)
  await open.connection.ready
  return {
    ...open,
    server,
    proxy,
    async [Symbol.asyncDispose]() {
      server.resume()
      await open[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

/** Time as a process sees it that was busy: what is due runs before anything that was received. */
class JumpingClock implements Clock {
  #time = 0
  readonly #tasks = new Map<() => void, number>()

  now(): number {
    return this.#time
  }

  monotonic(): number {
    return this.#time
  }

  schedule(delayMs: number, task: () => void): () => void {
    const once = (): void => task()
    this.#tasks.set(once, this.#time + delayMs)
    return () => this.#tasks.delete(once)
  }

  jump(ms: number): void {
    this.#time += ms
    for (const [task, dueAt] of [...this.#tasks]) {
      if (dueAt <= this.#time && this.#tasks.delete(task)) task()
    }
  }
}

const increment = (connection: RedisConnection) => connection.send('any', [['INCR', 'counter']])

/** What was reported as the last failure. */
const lastFailure = (failures: readonly unknown[]): string => {
  const { error } = (failures.at(-1) ?? {}) as { error?: { message: string } }
  return error?.message ?? ''
}

async function untilServed(connection: RedisConnection): Promise<void> {
  await until('commands are served', async () => {
    await connection.send('any', [['PING']])
    return true
  })
}

describe.concurrent.each(drivers)('an outage, through $driver', (driver) => {
  test('by kill -9 and restart is told, and commands are served afterwards', async () => {
    await using opened = await setup(driver)
    const { connection, events, failures, server } = opened
    await server.kill9()
    await until('the loss is told', () => events.length === 1)
    expect(connection.state).toBe('connecting')
    await expect(connection.send('any', [['PING']])).rejects.toThrow(TierError)
    await until('the failure to connect is reported', () => failures.length > 0)
    expect(lastFailure(failures)).toContain(`Redis at 127.0.0.1:${opened.proxy.port} cannot be`)
    await server.start()
    await until('the return is told', () => events.length > 1)
    expect(connection.state).toBe('ready')
    expect(events).toEqual([{ kind: 'lost' }, { kind: 'reconnected' }])
    await expect(increment(connection)).resolves.toEqual([1])
  })

  test('by a stopped server is noticed within 1.5 s, and over when it goes on', async () => {
    await using opened = await setup(driver)
    const { connection, events, server } = opened
    server.pause()
    // A timer of this process is late where the process itself is.
    const second = pause(1_000).then(() => performance.now())
    await expect(increment(connection)).rejects.toThrow(
      /lost before the reply: nothing was heard for 1000 ms.*may have been carried out/,
    )
    expect(performance.now() - (await second)).toBeLessThan(500)
    await expect(connection.send('any', [['PING']])).rejects.toThrow('Nothing was sent')
    server.resume()
    await untilServed(connection)
    expect(events.map(({ kind }) => kind)).toEqual(['lost', 'reconnected'])
  })

  test('by a reset rejects what is under way, and sends none of it again', async () => {
    await using opened = await setup(driver)
    const { connection, proxy, server } = opened
    proxy.blackHole('down')
    const lost = Promise.allSettled([increment(connection), increment(connection)])
    await until('the server has carried them out', async () => {
      return (await server.call('GET', 'counter')) === '2'
    })
    proxy.refuse()
    const outcomes = await lost
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    proxy.heal()
    await untilServed(connection)
    await expect(increment(connection)).resolves.toEqual([3])
  })

  test('queues nothing: a command without a connection is refused at once', async () => {
    await using opened = await setup(driver)
    const { connection, proxy, server } = opened
    proxy.refuse()
    await until('the loss is noticed', () => connection.state === 'connecting')
    const askedAt = performance.now()
    await expect(increment(connection)).rejects.toThrow('Nothing was sent')
    await expect(connection.getMany(['a'])).rejects.toThrow(TierError)
    expect(performance.now() - askedAt).toBeLessThan(100)
    proxy.heal()
    await untilServed(connection)
    await expect(server.call('EXISTS', 'counter')).resolves.toBe(0)
  })

  test('leaves the subscriptions: messages come again, and the gap is told', async () => {
    await using opened = await setup(driver)
    const { connection, events, server } = opened
    const heard: string[] = []
    await connection.subscribe('one', (message) => heard.push(message))
    await connection.subscribe('two', (message) => heard.push(message))
    await server.restart()
    await until('the gap is told', () => events.some(({ kind }) => kind === 'reconnected'))
    await until('messages of both channels come again', async () => {
      heard.length = 0
      await server.call('PUBLISH', 'one', 'a')
      await server.call('PUBLISH', 'two', 'b')
      await until('both have come', () => heard.length === 2, { withinMs: 100 })
      return true
    })
    expect(heard).toEqual(['a', 'b'])
  })

  test('of commands ends the connection for messages too, whose server may be another', async () => {
    await using opened = await setup(driver)
    const { connection, events, server } = opened
    await connection.subscribe('channel', () => {})
    const before = await server.call('CLIENT', 'LIST', 'TYPE', 'pubsub')
    await server.call('CLIENT', 'KILL', 'TYPE', 'normal')
    await until('messages come over a new connection', async () => {
      const now = await server.call('CLIENT', 'LIST', 'TYPE', 'pubsub')
      return now !== '' && String(now).split(' ')[0] !== String(before).split(' ')[0]
    })
    await until('it is told', () => events.length === 3)
    expect(events.map(({ kind }) => kind)).toEqual(['lost', 'reconnected', 'reconnected'])
  })

  test('of a subscriber alone is noticed although nothing is asked', async () => {
    await using opened = await setup(driver)
    const { connection, events, proxy, server } = opened
    const heard: string[] = []
    await connection.subscribe('channel', (message) => heard.push(message))
    const before = proxy.accepted
    const silentAt = performance.now()
    proxy.blackHole()
    await until('another connection is opened', () => proxy.accepted > before)
    // Up to half a second before the next PING, a second for its answer, and the delay of a retry.
    expect(performance.now() - silentAt).toBeLessThan(2000)
    proxy.heal()
    await until('it is told', () => events.length > 0)
    expect(events).toEqual([{ kind: 'reconnected' }])
    await server.call('PUBLISH', 'channel', 'again')
    await until('the message has come', () => heard.length === 1)
  })

  test('of the right to a channel is told once, and over when the right is given back', async () => {
    await using server = await startRedis()
    await server.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&channel', '+@all')
    const user = driver.single(server.port, { username: 'app', password: 'secret' })
    await using opened = openConnection(user)
    const { connection, events, failures } = opened
    const heard: string[] = []
    await connection.subscribe('channel', (message) => heard.push(message))
    // The server ends the connection of who has lost a right to a channel.
    await server.call('ACL', 'SETUSER', 'app', 'resetchannels')
    await until('the refusal is told', () => failures.length > 0)
    expect(failures).toEqual([
      expect.objectContaining({ type: 'tier-failure', operation: 'subscribe' }),
    ])
    expect(lastFailure(failures)).toContain("right to the cache's channels")
    expect(connection.hearing).toBeUndefined()
    expect(events).toEqual([])
    await server.call('ACL', 'SETUSER', 'app', '&channel')
    await until('it is asked for again', () => connection.hearing !== undefined)
    await until('the gap is told', () => events.length > 0)
    expect(events).toEqual([{ kind: 'reconnected' }])
    await server.call('PUBLISH', 'channel', 'again')
    await until('messages come', () => heard.length > 0)
    expect([heard, failures.length]).toEqual([['again'], 1])
  })

  test('for want of room for another client is waited out by a subscription', async () => {
    await using opened = await setup(driver)
    const { connection, server } = opened
    await server.call('CONFIG', 'SET', 'maxclients', 1)
    const heard: string[] = []
    const subscribing = connection.subscribe('channel', (message) => heard.push(message))
    const early = await Promise.race([subscribing.then(() => 'done', String), pause(700)])
    expect(early).toBeUndefined()
    expect(connection.hearing).toBeUndefined()
    await connection.send('any', [['CONFIG', 'SET', 'maxclients', '100']])
    await subscribing
    expect(connection.hearing).toBeDefined()
    await server.call('PUBLISH', 'channel', 'one')
    await until('messages come', () => heard.length === 1)
  })

  test('is not what slow replies are, while they keep coming', async () => {
    await using opened = await setup(driver)
    const { connection, events, proxy } = opened
    const value = 'v'.repeat(100_000)
    await connection.send('any', [['SET', 'big', value]])
    proxy.set({}, { bytesPerSecond: 1_000_000 })
    const reads = Array.from({ length: 16 }, () => ['GET', 'big'])
    const startedAt = performance.now()
    const replies = await connection.send('any', reads)
    expect(performance.now() - startedAt).toBeGreaterThan(1200)
    expect(replies.map(String)).toEqual(reads.map(() => value))
    expect(events).toEqual([])
  })

  test('is not what a bad network is: late replies in small pieces are whole', async () => {
    await using opened = await setup(driver)
    const { connection, events, proxy } = opened
    const value = 'äöü'.repeat(100)
    proxy.set({ latencyMs: 20, sliceBytes: 7 }, { latencyMs: 20, sliceBytes: 3 })
    const startedAt = performance.now()
    const replies = await connection.send('any', [
      ['SET', 'a', value],
      ['GET', 'a'],
    ])
    expect(replies.map(String)).toEqual(['OK', value])
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(39)
    expect(events).toEqual([])
  })

  test('is not what a busy process sees: the reply that has come counts', async () => {
    const clock = new JumpingClock()
    await using opened = await setup(driver, { clock })
    const { connection, events } = opened
    const reply = increment(connection)
    clock.jump(5000)
    await expect(reply).resolves.toEqual([1])
    clock.jump(5000)
    await expect(increment(connection)).resolves.toEqual([2])
    expect(events).toEqual([])
  })

  test('begins when the server becomes a replica, and ends when it is the master again', async () => {
    await using opened = await setup(driver)
    const { connection, failures, server } = opened
    await server.call('REPLICAOF', '127.0.0.1', '1')
    await expect(increment(connection)).resolves.toEqual([
      expect.objectContaining({ code: 'READONLY' }),
    ])
    await until('the new connection is refused', () =>
      lastFailure(failures).includes('the server is a replica'),
    )
    await expect(connection.send('any', [['GET', 'a']])).rejects.toThrow('takes no writes')
    await server.call('REPLICAOF', 'NO', 'ONE')
    await untilServed(connection)
    await expect(increment(connection)).resolves.toEqual([1])
  })

  test('at the start is waited out: what is asked then is refused, and later served', async () => {
    await using server = await startRedis()
    await server.kill9()
    await using opened = openConnection(driver.single(server.port))
    const { connection, events, failures } = opened
    const heard: string[] = []
    const subscribed = connection.subscribe('channel', (message) => heard.push(message))
    await until('the failure is reported', () => failures.length > 0)
    expect(lastFailure(failures)).toContain('ECONNREFUSED')
    await expect(connection.send('any', [['PING']])).rejects.toThrow('ECONNREFUSED')
    await server.start()
    await connection.ready
    await subscribed
    expect(connection.state).toBe('ready')
    expect(events).toEqual([])
    // One line for an outage, not one for each attempt.
    expect(failures.length).toBe(1)
  })

  test('lasts while the server loads its data', async () => {
    const config = {
      rdbcompression: 'no',
      'key-load-delay': 20_000,
      'loading-process-events-interval-bytes': 1024,
    }
    await using opened = await setup(driver, { config })
    const { connection, failures, server } = opened
    const fill = 'for i = 1, 60 do redis.call("SET", i, string.rep("v", 200)) end'
    await server.call('EVAL', fill, 0)
    await server.call('SAVE')
    await server.kill9()
    const restarted = server.start()
    await until('the load is noticed', () => lastFailure(failures).includes('is loading its data'))
    await restarted
    await untilServed(connection)
    await expect(connection.send('any', [['STRLEN', '60']])).resolves.toEqual([200])
  })
})

const withSentinels = drivers.filter(({ sentinel }) => sentinel !== undefined)

describe.concurrent.each(withSentinels)('a master behind sentinels, through $driver', (driver) => {
  test('is followed to the server that is promoted in its place', async () => {
    await using group = await startSentinel()
    const ports = group.sentinels.map(({ port }) => port)
    for (const server of [group.master, ...group.replicas]) {
      await server.call('ACL', 'SETUSER', 'app', 'on', '>pass', '~*', '&*', '+@all')
    }
    const user = driver.sentinel?.(ports, group.name, { username: 'app', password: 'pass' })
    if (user === undefined) throw new Error('This driver has no sentinel client.')
    await using opened = openConnection(user)
    const { connection, events } = opened
    await connection.ready
    const replies = await connection.send('any', [
      ['SET', 'a', '1'],
      ['ACL', 'WHOAMI'],
    ])
    expect(replies.map(String)).toEqual(['OK', 'app'])
    const heard: string[] = []
    await connection.subscribe('channel', (message) => heard.push(message))
    const [replica] = group.replicas
    if (replica === undefined) throw new Error('The group has a replica.')
    await until('the replica has the value', async () => (await replica.call('GET', 'a')) === '1')
    // Stopped rather than killed: nothing tells the client, and the old master is still there.
    group.master.pause()
    await expect(connection.send('any', [['PING']])).rejects.toThrow(TierError)
    await untilServed(connection)
    expect(await group.masterPort()).toBe(replica.port)
    await expect(connection.getMany(['a'])).resolves.toEqual([Buffer.from('1')])
    expect(events[0]).toEqual({ kind: 'lost' })
    await until('messages come from the new master', async () => {
      await replica.call('PUBLISH', 'channel', 'new')
      return heard.length > 0
    })
    group.master.resume()
  })
})
