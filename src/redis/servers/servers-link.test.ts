import { describe, expect, test } from 'vitest'
import {
  type GivenServer,
  QUICK_PACE,
  RedisServersScene,
  type ServersSessionOptions,
} from '../../../test/contract/redis-servers-subject.ts'
import { FaultProxy } from '../../../test/servers/fault-proxy.ts'
import { type Driver, drivers } from '../../../test/servers/redis-drivers.ts'
import type { RedisServer } from '../../../test/servers/redis-server.ts'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { until } from '../../../test/servers/until.ts'
import { ConfigError, TierError } from '../../contracts/errors.ts'
import type { SharedSession, SharedSignal } from '../../contracts/shared-tier.ts'
import { ShardClient } from '../../shard/index.ts'
import { sharedValue, textOf } from '../../testing/shared-steps.ts'
import { connectRedis } from '../connection/connect-redis.ts'
import { KeyNames } from '../key-names.ts'
import { RedisLink } from '../redis-link.ts'
import { redisTier } from '../redis-tier.ts'
import type { MovePace, MoveStep } from './shard-mover.ts'

const SHARDS = 8
const KEYS = Array.from({ length: 40 }, (_, at) => `key-${at}`)
/** What a process is that sees the map only when it must. */
const SLOW_LOOKS: MovePace = { ...QUICK_PACE, lookMs: 3_600_000, busyLookMs: 3_600_000 }
const both = [drivers[0], drivers[2]] as readonly Driver[]

interface Scene extends AsyncDisposable {
  readonly servers: Readonly<Record<string, RedisServer>>
  readonly scene: RedisServersScene
  given(...names: readonly string[]): GivenServer[]
  open(servers: readonly GivenServer[], options?: Partial<ServersSessionOptions>): Promise<Opened>
}

interface Opened {
  readonly session: SharedSession
  close(): Promise<void>
}

/** Servers `a`, `b` and `c`, and sessions that wait until they are open. */
async function setup(driver = both[0] as Driver): Promise<Scene> {
  const [a, b, c] = await Promise.all([startRedis(), startRedis(), startRedis()])
  const servers = { a, b, c }
  const scene = new RedisServersScene(driver)
  return {
    servers,
    scene,
    given: (...names) =>
      names.map((name) => ({ name, port: servers[name as keyof typeof servers].port })),
    async open(given, options = {}) {
      const { link, session } = scene.open({ servers: given, ...options })
      await session.ready
      return { session, close: () => link.close() }
    },
    async [Symbol.asyncDispose]() {
      await scene[Symbol.asyncDispose]()
      await Promise.all(Object.values(servers).map((server) => server[Symbol.asyncDispose]()))
    },
  }
}

/** Without a pin: keys live in shards of all servers. */
const keyOf = (id: string) => ({ id, collection: '' })
const valueFor = (id: string) => ({ ...sharedValue(id, `value of ${id}`), pin: undefined })

async function setAll(session: SharedSession, ids: readonly string[] = KEYS): Promise<void> {
  const answers = await session.set(ids.map(valueFor))
  for (const answer of answers) expect(answer).toMatchObject({ kind: 'stored' })
}

/** By id, what there is; `error` where it could not be asked. */
async function readAll(session: SharedSession, ids: readonly string[] = KEYS) {
  const readings = await session.read(ids.map(keyOf))
  return readings.map((one) => (one instanceof TierError ? 'error' : textOf(one.entry)))
}

/** The name of the server that each shard lives on, as a server tells it. */
async function homes(server: RedisServer | undefined, name = 'suite') {
  const text = await server?.call('HGET', `{${name}/map}:m`, 'm')
  const map = JSON.parse(String(text)) as { places: { on?: string }[] }
  return map.places.map(({ on }) => on)
}

async function settledOn(
  servers: readonly (RedisServer | undefined)[],
  name: string,
  count: number,
) {
  await until(
    `${count} shards live on ${name}`,
    async () => {
      for (const server of servers) {
        const all = await homes(server)
        if (all.includes(undefined) || all.filter((one) => one === name).length !== count) {
          return false
        }
      }
      return true
    },
    { withinMs: 15_000 },
  )
}

describe.each(both)('a cache on several servers, $driver', (driver) => {
  test('has its shards on all of them, half on each of two', async () => {
    await using scene = await setup(driver)
    const { session } = await scene.open(scene.given('a', 'b'))
    const other = await scene.open(scene.given('b', 'a'))
    await setAll(session)
    expect(await readAll(other.session)).toEqual(KEYS.map((id) => `value of ${id}`))
    const places = await homes(scene.servers['a'])
    expect(places.filter((name) => name === 'a')).toHaveLength(SHARDS / 2)
    expect(await homes(scene.servers['b'])).toEqual(places)
    const { entries } = await session.usage()
    expect(entries).toBe(KEYS.length)
    const found = new Set<string>()
    let cursor: string | undefined
    do {
      const page = await session.scan('', cursor, 10)
      for (const key of page.keys) found.add(key)
      cursor = page.cursor
    } while (cursor !== undefined)
    expect([...found].sort()).toEqual([...KEYS].sort())
  })

  test('is opened by the tier as users make it', async () => {
    await using scene = await setup(driver)
    const users = scene
      .given('a', 'b')
      .map(({ name, port }) => ({ name, user: driver.single(port) }))
    const tier = redisTier(users.map(({ name, user }) => ({ name, client: user.client })))
    const session = tier.open({ ...scene.scene.context, name: 'suite', instance: 'i' })
    await session.ready
    await setAll(session)
    expect(await readAll(session)).toEqual(KEYS.map((id) => `value of ${id}`))
    await session.close()
    await expect(session.read([keyOf('a')])).rejects.toThrow(TierError)
    for (const { user } of users) user.end()
  })

  test('moves floor(shards / (n + 1)) shards to a server that is added, and no others', async () => {
    await using scene = await setup(driver)
    const first = await scene.open(scene.given('a', 'b'))
    await setAll(first.session)
    const before = await homes(scene.servers['a'])
    const second = await scene.open(scene.given('a', 'b', 'c'))
    await settledOn(Object.values(scene.servers), 'c', Math.floor(SHARDS / 3))
    const after = await homes(scene.servers['a'])
    const moved = after.filter((name, shard) => name !== before[shard])
    expect(moved).toEqual(['c', 'c'])
    await until('the second process goes by the map', async () => {
      const readings = await readAll(second.session)
      return !readings.includes('error')
    })
    // What moved began empty there; what did not is as it was.
    const found = await readAll(second.session)
    for (const [at, id] of KEYS.entries()) {
      const { shard } = second.session.place(keyOf(id))
      expect(found[at]).toBe(after[shard] === 'c' ? undefined : `value of ${id}`)
    }
    // Who was not given the new server cannot ask for what lives there, and is told.
    await until('the first process has heard', async () => {
      return (await readAll(first.session)).includes('error')
    })
    const warnings = scene.scene.events.filter(
      (event) => event.type === 'tier-failure' && event.operation === 'servers',
    )
    expect(warnings).toMatchObject([{ error: { message: expect.stringContaining('`c`') } }])
  })
})

describe('a cache on several servers', () => {
  test('refuses a server under a name by which another is known', async () => {
    await using scene = await setup()
    await scene.open(scene.given('a', 'b'))
    const [a, b] = scene.given('a', 'b')
    const swapped = [
      { name: 'a', port: b?.port ?? 0 },
      { name: 'b', port: a?.port ?? 0 },
    ]
    const { session } = scene.scene.open({ servers: swapped })
    await expect(session.ready).rejects.toThrow(/Expected `servers` to be the name `[ab]`/)
    await expect(session.read([keyOf('a')])).rejects.toThrow(ConfigError)
  })

  test('refuses another number of shards', async () => {
    await using scene = await setup()
    await scene.open(scene.given('a', 'b'))
    const { session } = scene.scene.open({ servers: scene.given('a', 'b'), shards: 4 })
    await expect(session.ready).rejects.toThrow(/`shards` to be 8/)
  })

  test('leaves the map of a newer release alone', async () => {
    await using scene = await setup()
    const text = '{"format":2}'
    await scene.servers['b']?.call('HSET', '{suite/map}:m', 'v', '7', 'i', 'x', 'm', text)
    const { session } = scene.scene.open({ servers: scene.given('a', 'b') })
    await expect(session.ready).rejects.toThrow(/newer release/)
    expect(await scene.servers['b']?.call('HGET', '{suite/map}:m', 'm')).toBe(text)
    expect(await scene.servers['a']?.call('EXISTS', '{suite/map}:m')).toBe(0)
  })

  test('is made only when all of its servers can be asked', async () => {
    await using scene = await setup()
    await using proxy = await FaultProxy.start(scene.servers['b']?.port ?? 0)
    proxy.refuse()
    const { session } = scene.scene.open({
      servers: [...scene.given('a'), { name: 'b', port: proxy.port }],
    })
    await expect(session.follow({ shard: 0, epoch: undefined, cursor: 0, beat: false }))
      .rejects //
      .toThrow('Not all Redis servers')
    expect(await scene.servers['a']?.call('EXISTS', '{suite/map}:m')).toBe(0)
    proxy.heal()
    await session.ready
    await setAll(session)
  })

  test('that lived on one server keeps what is there, but for the shards that move', async () => {
    await using scene = await setup()
    const { context } = scene.scene
    const user = (both[0] as Driver).single(scene.servers['a']?.port ?? 0)
    const link = new RedisLink({
      connection: connectRedis(user.client, context),
      context: { ...context, name: 'suite', instance: 'before' },
      options: { shards: SHARDS, maxBytes: undefined, durability: undefined, events: undefined },
    })
    const before = new ShardClient({ link, clock: context.clock, tier: 'redis', session: 'before' })
    await before.ready
    await setAll(before)
    const { session } = await scene.open(scene.given('a', 'b'))
    await settledOn([scene.servers['a'], scene.servers['b']], 'b', SHARDS / 2)
    const places = await homes(scene.servers['a'])
    await until('it goes by the map', async () => !(await readAll(session)).includes('error'))
    const found = await readAll(session)
    for (const [at, id] of KEYS.entries()) {
      const isKept = places[session.place(keyOf(id)).shard] === 'a'
      expect(found[at]).toBe(isKept ? `value of ${id}` : undefined)
    }
    // A process of the time before is refused where it would do harm.
    const strayed = KEYS.find((id) => places[session.place(keyOf(id)).shard] === 'b') ?? ''
    await expect(before.set([valueFor(strayed)])).rejects.toThrow('has moved')
    await before.close()
    user.end()
  })

  test('leaves a server that is to be left, with its locks and its map', async () => {
    await using scene = await setup()
    const first = await scene.open(scene.given('a', 'b'))
    const lock = { names: ['one'], owner: 'me', ttlMs: 10_000 }
    const before = await first.session.locks.acquire(lock)
    const second = await scene.open(scene.given('a', 'b'), { retire: ['a'] })
    await settledOn([scene.servers['a'], scene.servers['b']], 'b', SHARDS)
    await second.close()
    // Who has not heard yet is not granted there what somebody else may hold.
    await until('the first goes by the map', async () => {
      return (await first.session.locks.remaining('one')) === undefined
    })
    // The server is gone for good; whoever starts now is not given it.
    await scene.servers['a']?.kill9()
    const third = await scene.open(scene.given('b'), { retire: ['a'] })
    await setAll(third.session)
    await until(
      'the first has heard',
      async () => !(await readAll(first.session)).includes('error'),
    )
    expect(await readAll(first.session)).toEqual(KEYS.map((id) => `value of ${id}`))
    const after = await third.session.locks.acquire(lock)
    if (before.kind !== 'granted' || after.kind !== 'granted')
      throw new Error('It was not granted.')
    expect(after.token > before.token).toBe(true)
  })

  test('finds nothing of a former stay where shards come back', async () => {
    await using scene = await setup()
    const first = await scene.open(scene.given('a', 'b'))
    await setAll(first.session)
    await first.close()
    const before = await homes(scene.servers['a'])
    const given = scene.given('a', 'b', 'c')
    await (await scene.open(given)).close()
    const second = await scene.open(given)
    await settledOn([scene.servers['a'], scene.servers['b']], 'c', Math.floor(SHARDS / 3))
    const strayed = await homes(scene.servers['a'])
    await second.close()
    const { session } = await scene.open(given, { retire: ['c'] })
    await settledOn([scene.servers['a'], scene.servers['b']], 'c', 0)
    await until('it goes by the map', async () => !(await readAll(session)).includes('error'))
    const after = await homes(scene.servers['a'])
    expect(after.some((name, shard) => strayed[shard] === 'c' && name === before[shard])).toBe(true)
    const requests = KEYS.map((id) => ({ ...keyOf(id), token: 'any' }))
    const claimed = await session.claim(requests, { leaseMs: 1_000 })
    for (const [at, id] of KEYS.entries()) {
      const isKept = strayed[session.place(keyOf(id)).shard] !== 'c'
      expect(claimed[at]).toMatchObject({ kind: isKept ? 'fresh' : 'granted' })
    }
  })

  test('goes on without a server that is gone for good, once it is told so', async () => {
    await using scene = await setup()
    const first = await scene.open(scene.given('a', 'b'))
    await setAll(first.session)
    await first.close()
    await scene.servers['a']?.kill9()
    const { session } = await scene.open(scene.given('b', 'c'), { retire: ['a'] })
    await settledOn([scene.servers['b'], scene.servers['c']], 'c', Math.floor(SHARDS / 2))
    await until('it goes by the map', async () => !(await readAll(session)).includes('error'))
    await setAll(session)
  })
})

describe('two processes that start with a new server at once', () => {
  test('move the shards once', async () => {
    await using scene = await setup()
    await scene.open(scene.given('a', 'b'))
    const before = await homes(scene.servers['a'])
    const given = scene.given('a', 'b', 'c')
    const opened = await Promise.all([scene.open(given), scene.open(given), scene.open(given)])
    await settledOn(Object.values(scene.servers), 'c', Math.floor(SHARDS / 3))
    const after = await homes(scene.servers['b'])
    expect(after.filter((name, shard) => name !== before[shard])).toHaveLength(2)
    await until('all can write', async () => {
      for (const { session } of opened) await setAll(session)
      return true
    })
    for (const { session } of opened) {
      expect(await readAll(session)).toEqual(KEYS.map((id) => `value of ${id}`))
    }
  })

  test('make one map of a new cache', async () => {
    await using scene = await setup()
    const given = scene.given('a', 'b', 'c')
    const opened = await Promise.all([scene.open(given), scene.open(given), scene.open(given)])
    await setAll(opened[0].session)
    for (const { session } of opened) {
      expect(await readAll(session)).toEqual(KEYS.map((id) => `value of ${id}`))
    }
  })
})

describe('a mover that ends before its step', () => {
  const steps: readonly MoveStep[] = ['change', 'spread', 'retire', 'wait', 'activate', 'settle']
  test.each(steps)('"%s" is followed by another', async (fatal) => {
    await using scene = await setup()
    const old = await scene.open(scene.given('a', 'b'))
    await setAll(old.session)
    const before = await homes(scene.servers['a'])
    const given = scene.given('a', 'b', 'c')
    const died = Promise.withResolvers<void>()
    const doomed = scene.scene.open({
      servers: given,
      onStep(step) {
        if (step !== fatal) return
        void doomed.link.close()
        died.resolve()
        throw new TierError('redis', 'The process has ended.')
      },
    })
    await died.promise
    const heir = await scene.open(given)
    await settledOn(Object.values(scene.servers), 'c', Math.floor(SHARDS / 3))
    const after = await homes(scene.servers['c'])
    for (const [shard, name] of after.entries()) if (name !== 'c') expect(name).toBe(before[shard])
    await until('it can write everywhere', async () => {
      await setAll(heir.session)
      return true
    })
    expect(await readAll(heir.session)).toEqual(KEYS.map((id) => `value of ${id}`))
  })
})

describe('a server that lost its data', () => {
  /** Shards that have moved to `c`, and a process that knows only of the time before. */
  async function afterMove(scene: Scene) {
    const given = scene.given('a', 'b', 'c')
    const sleeper = await scene.open(scene.given('a', 'b').concat(scene.given('c')), {
      pace: SLOW_LOOKS,
      // It would move the shards itself.
      onStep: () => {
        throw new TierError('redis', 'Not here.')
      },
    })
    return { given, sleeper }
  }

  test('does not take back what has left it', async () => {
    await using scene = await setup()
    await scene.open(scene.given('a', 'b'))
    const before = await homes(scene.servers['a'])
    const { given, sleeper } = await afterMove(scene)
    await setAll(sleeper.session)
    await scene.open(given)
    await settledOn(Object.values(scene.servers), 'c', Math.floor(SHARDS / 3))
    const after = await homes(scene.servers['c'])
    for (const name of ['a', 'b']) await scene.servers[name]?.call('FLUSHALL')
    const moved = [...after.keys()].filter((shard) => after[shard] !== before[shard])
    const shardOf = (id: string): number => sleeper.session.place(keyOf(id)).shard
    const ids = moved.map((shard) => KEYS.find((id) => shardOf(id) === shard) ?? '')
    // The old homes know nothing of the move any more, and grant what they are asked for.
    const requests = ids.map((id) => ({ ...keyOf(id), token: 'sleeper' }))
    const claimed = await sleeper.session.claim(requests, { leaseMs: 1_000 })
    expect(claimed).toEqual(moved.map(() => expect.any(TierError)))
    await until('it goes by the map', async () => {
      return !(await readAll(sleeper.session)).includes('error')
    })
    await setAll(sleeper.session)
    const entriesOf = async (name: string): Promise<number> => {
      const names = new KeyNames({
        name: 'suite',
        shards: SHARDS,
        stream: undefined,
        cluster: false,
      })
      const keys = (await scene.servers[name]?.call('KEYS', '*:e:*')) as readonly string[]
      return keys.filter((key) => moved.includes(names.placeOf(String(key))?.shard ?? -1)).length
    }
    expect(await entriesOf('a')).toBe(0)
    expect(await entriesOf('b')).toBe(0)
    expect(await entriesOf('c')).toBeGreaterThan(0)
  })

  test('is told the map again', async () => {
    await using scene = await setup()
    const { session } = await scene.open(scene.given('a', 'b'))
    const before = await homes(scene.servers['a'])
    await scene.servers['a']?.call('FLUSHALL')
    await until('it is there', async () => (await homes(scene.servers['a'])).length > 0)
    expect(await homes(scene.servers['a'])).toEqual(before)
    for (const name of ['a', 'b']) await scene.servers[name]?.call('FLUSHALL')
    await until('it is on both', async () => (await homes(scene.servers['b'])).length > 0)
    expect(await homes(scene.servers['b'])).toEqual(before)
    await until('all can be written', async () => {
      await setAll(session)
      return true
    })
  })
})

describe('a server that is dead', () => {
  test('costs the shards of the others nothing', async () => {
    await using scene = await setup()
    const { session } = await scene.open(scene.given('a', 'b'), { serverTimeoutMs: 150 })
    await setAll(session)
    const places = await homes(scene.servers['a'])
    const alive = KEYS.filter((id) => places[session.place(keyOf(id)).shard] === 'a')
    const dead = KEYS.filter((id) => !alive.includes(id))
    scene.servers['b']?.pause()
    const tookMs: number[] = []
    // The first ask in vain; from then on nobody waits.
    for (let round = 0; round < 12; round += 1) {
      const from = performance.now()
      const found = await readAll(session, [alive[0] ?? '', dead[0] ?? ''])
      tookMs.push(performance.now() - from)
      expect(found).toEqual([`value of ${alive[0]}`, 'error'])
      await setAll(session, alive.slice(1, 3))
    }
    expect(Math.max(...tookMs)).toBeLessThan(600)
    const later = tookMs.slice(4).sort((a, b) => a - b)
    expect(later[4]).toBeLessThan(50)
    scene.servers['b']?.resume()
    await until('it is asked again', async () => {
      return !(await readAll(session)).includes('error')
    })
  })

  test('does not keep a process from starting', async () => {
    await using scene = await setup()
    const first = await scene.open(scene.given('a', 'b'))
    await setAll(first.session)
    const places = await homes(scene.servers['a'])
    await first.close()
    await scene.servers['b']?.kill9()
    const { session } = await scene.open(scene.given('a', 'b'))
    const found = await readAll(session)
    for (const [at, id] of KEYS.entries()) {
      const isAlive = places[session.place(keyOf(id)).shard] === 'a'
      expect(found[at]).toBe(isAlive ? `value of ${id}` : 'error')
    }
    await expect(session.usage()).rejects.toThrow(TierError)
  })

  test('that comes back with its shards is found', async () => {
    await using scene = await setup()
    const { session } = await scene.open(scene.given('a', 'b'))
    const heard: SharedSignal[] = []
    session.listen((signal) => heard.push(signal))
    const places = await homes(scene.servers['a'])
    await scene.servers['b']?.restart()
    await until('it can be asked', async () => {
      await setAll(session)
      return true
    })
    expect(await readAll(session)).toEqual(KEYS.map((id) => `value of ${id}`))
    // Only what lives there is to be followed anew.
    const again = heard.flatMap((one) => (one.kind === 'reconnected' ? one.shards : []))
    expect(new Set(again.map((shard) => places[shard]))).toEqual(new Set(['b']))
  })
})
