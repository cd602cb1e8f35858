import { describe, expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { redisTierSubject } from '../../test/contract/redis-tier-subject.ts'
import { type Driver, drivers } from '../../test/servers/redis-drivers.ts'
import { startRedis } from '../../test/servers/start-redis.ts'
import { until } from '../../test/servers/until.ts'
import type { CacheEvent } from '../contracts/events.ts'
import { createCache } from '../create-cache.ts'
import { keyOf, SharedSteps } from '../testing/shared-steps.ts'
import { KeyNames } from './key-names.ts'
import { PROTOCOL_VERSION } from './protocol-version.ts'
import { redisTier } from './redis-tier.ts'

const names = new KeyNames({ name: 'suite', shards: 1, stream: undefined, cluster: false })

const isFailure = (event: CacheEvent, operation: string): boolean =>
  event.type === 'tier-failure' && event.operation === operation

describe.each([drivers[0], drivers[2]] as Driver[])('opening a session, $driver', (driver) => {
  test('with another number of shards than the cache has is refused', async () => {
    await using scene = await redisScene({ driver, tier: { shards: 4 } })
    await scene.steps()
    const { port } = scene.server
    await using other = redisTierSubject(driver.single(port), { ports: [port], shards: 8 })
    const session = other.open()
    await expect(session.ready).rejects.toMatchObject({
      code: 'config',
      field: 'shards',
      message: expect.stringContaining('to be 4, as the cache `suite` has'),
    })
    await expect(session.claim([{ ...keyOf('a'), token: 't' }], { leaseMs: 9 })).rejects.toThrow(
      '4',
    )
    // Another cache is not concerned.
    await expect(other.open('other').ready).resolves.toBeUndefined()
  })

  test('of a cache that a newer release works on is refused, and changes nothing', async () => {
    await using scene = await redisScene({ driver })
    const tier = await scene.steps()
    await tier.set('a', 'one')
    const { control } = names.of(0)
    await scene.server.call('HSET', control, 'v', PROTOCOL_VERSION + 1)
    const before = await scene.server.call('HGETALL', control)
    await expect(scene.subject.open().ready).rejects.toThrow('newer release')
    await expect(tier.set('a', 'two')).rejects.toThrow('newer release')
    await expect(tier.delete('a')).rejects.toThrow('newer release')
    expect(await scene.server.call('HGETALL', control)).toEqual(before)
  })

  test('without the right to the channel is refused in words', async () => {
    await using server = await startRedis()
    const { port } = server
    await server.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '+@all', 'resetchannels')
    const access = { username: 'app', password: 'secret' }
    await using subject = redisTierSubject(driver.single(port, access), {
      ports: [port],
      shards: 1,
    })
    await expect(subject.open().ready).rejects.toThrow(/channel/)
  })

  test('that polls takes no right to any channel, and its waiters look again', async () => {
    await using server = await startRedis()
    const { port } = server
    const rights = ['+@all', '-subscribe', '-publish', 'resetchannels']
    await server.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', ...rights)
    const access = { username: 'app', password: 'secret' }
    const user = driver.single(port, access)
    const open = (instance: string, follow: 'push' | 'poll') =>
      createCache({
        name: 'suite',
        instance,
        shared: redisTier(user.client, { shards: 2 }),
        coherence: { follow },
        logger: { level: 'silent', warn: () => {}, error: () => {} },
      })
    await using one = open('one', 'poll')
    await using two = open('two', 'poll')
    await using three = open('three', 'push')
    await Promise.all([one.ready(), two.ready()])
    await expect(three.ready()).rejects.toThrow('unless the cache polls')

    const [begun, load] = [Promise.withResolvers<void>(), Promise.withResolvers<number>()]
    const loading = one.getOrLoad('k', () => {
      begun.resolve()
      return load.promise
    })
    await begun.promise
    const waiting = two.getOrLoad('k', () => -1)
    load.resolve(1)
    expect(await Promise.all([loading, waiting])).toEqual([1, 1])

    const held = await one.lock('nightly')
    const next = two.lock('nightly')
    await held.release()
    await (await next).release()

    await one.delete('k')
    await until('it is gone', async () => (await two.get('k')) === undefined)
    user.end()
  })

  test('with the right to hear but not to publish is refused in words', async () => {
    await using server = await startRedis()
    const { port } = server
    await server.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all', '-publish')
    const access = { username: 'app', password: 'secret' }
    await using subject = redisTierSubject(driver.single(port, access), {
      ports: [port],
      shards: 1,
    })
    await expect(subject.open().ready).rejects.toThrow('what is published to `{suite}:h`')
  })

  test('waits for a server that is not there yet, and its steps do not', async () => {
    await using server = await startRedis()
    const { port } = server
    await server.kill9()
    await using subject = redisTierSubject(driver.single(port), { ports: [port], shards: 1 })
    const session = subject.open()
    const tier = new SharedSteps(session, subject)
    await expect(tier.set('a', 'one')).rejects.toThrow('could not be reached yet: ECONNREFUSED.')
    await server.start()
    await expect(session.ready).resolves.toBeUndefined()
    expect((await tier.set('a', 'one')).kind).toBe('stored')
  })

  test('waits for a password that is right, and its steps say what is wrong', async () => {
    await using server = await startRedis()
    const { port } = server
    await server.call('ACL', 'SETUSER', 'app', 'on', '>new', '~*', '&*', '+@all')
    const user = driver.single(port, { username: 'app', password: 'old' })
    await using subject = redisTierSubject(user, { ports: [port], shards: 1 })
    const session = subject.open()
    const tier = new SharedSteps(session, subject)
    await expect(tier.set('a', 'one')).rejects.toThrow(
      /^Redis could not be reached yet: the server answered: WRONGPASS [^.]+\.$/,
    )
    await server.call('ACL', 'SETUSER', 'app', '>old')
    await session.ready
    expect((await tier.set('a', 'one')).kind).toBe('stored')
  })

  test('takes no loss of the connection for messages for a missing right', async () => {
    await using server = await startRedis()
    const { port } = server
    await using subject = redisTierSubject(driver.single(port), { ports: [port], shards: 1 })
    const session = subject.open()
    const outcome = session.ready.then(() => 'ready', String)
    const cutUntil = performance.now() + 2_500
    while (performance.now() < cutUntil) await server.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    expect(await outcome).toBe('ready')
    expect((await new SharedSteps(session, subject).set('a', 'one')).kind).toBe('stored')
  })

  test('ends with the session that is closed meanwhile', async () => {
    await using server = await startRedis()
    const { port } = server
    await server.kill9()
    await using subject = redisTierSubject(driver.single(port), { ports: [port], shards: 1 })
    const session = subject.open()
    const ready = expect(session.ready).rejects.toThrow('closed')
    await session.close()
    await ready
    await expect(session.standings(0)).rejects.toThrow('closed')
  })

  test('tells what a person should know of the server', async () => {
    await using scene = await redisScene({ driver, config: { 'maxmemory-policy': 'allkeys-lru' } })
    await scene.steps()
    await until('the warning was told', async () => scene.events.length > 0)
    expect(scene.events).toEqual([
      expect.objectContaining({
        type: 'tier-failure',
        operation: 'check',
        error: expect.objectContaining({ message: expect.stringContaining('volatile-lru') }),
      }),
    ])
  })

  test('ends no session that was open: rights that are taken and given back are found', async () => {
    await using server = await startRedis()
    const { port } = server
    await server.call('ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '&*', '+@all')
    const user = driver.single(port, { username: 'app', password: 'secret' })
    await using subject = redisTierSubject(user, { ports: [port], shards: 1 })
    const session = subject.open()
    await session.ready
    const tier = new SharedSteps(session, subject)
    await server.call('ACL', 'SETUSER', 'app', '-evalsha', '-eval')
    await server.call('CLIENT', 'KILL', 'USER', 'app')
    const refusals = () => subject.events.filter((event) => isFailure(event, 'check'))
    await until('the refusal is told', () => refusals().length > 0)
    await expect(tier.set('a', 'one')).rejects.toThrow('its ACL')
    expect(refusals()).toEqual([
      expect.objectContaining({
        error: expect.objectContaining({ message: expect.stringContaining('its ACL') }),
      }),
    ])
    await server.call('ACL', 'SETUSER', 'app', '+@all')
    await until('it goes on by itself', async () => (await tier.set('a', 'two')).kind === 'stored')
    expect(refusals()).toHaveLength(1)
  })

  test('ends no session that was open: what another program has overwritten may come back', async () => {
    await using scene = await redisScene({ driver })
    const tier = await scene.steps()
    const { server } = scene
    const key = names.locks.control
    await server.call('RENAME', key, 'kept')
    await server.call('SET', key, 'something else')
    await server.call('CLIENT', 'KILL', 'TYPE', 'normal')
    await until('it is refused', async () => {
      const refused = await tier.set('a', 'one').then(() => '', String)
      return refused.includes('another program writes')
    })
    await server.call('RENAME', 'kept', key)
    await until('it goes on by itself', async () => (await tier.set('a', 'two')).kind === 'stored')
  })

  test('again after the server was started anew goes by itself', async () => {
    await using scene = await redisScene({ driver })
    const tier = await scene.steps()
    const signals: unknown[] = []
    tier.session.listen((signal) => signals.push(signal))
    await tier.set('a', 'one')
    await scene.server.restart()
    const answers = (): Promise<boolean> =>
      tier.set('a', 'two').then(
        (answer) => answer.kind === 'stored',
        () => false,
      )
    await until('the tier answers again', answers)
    expect(signals).toContainEqual({ kind: 'reconnected', shards: [0] })
    expect(await tier.text('a')).toBe('two')
  })
})
