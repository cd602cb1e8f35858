import { describe, expect, test } from 'vitest'
import { TierError } from '../contracts/errors.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { SharedKey, SharedSession, SharedValue } from '../contracts/shared-tier.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SharedAccess } from './shared-access.ts'

const DOWN: Fault = { kind: 'fail', error: new Error('the server is down') }

/** `fault` is what each step meets; chance draws the middle, so that rests are as long as declared. */
function setup({ shards = 1 } = {}) {
  const clock = new FakeClock()
  const scene: { fault: Fault; asked: string[] } = { fault: { kind: 'none' }, asked: [] }
  const tier = chaosTier(
    memoryTier({ shards }),
    (operation) => {
      scene.asked.push(operation)
      return scene.fault
    },
    clock,
  )
  let ids = 0
  const random = {
    next: () => 0.5,
    id: () => {
      ids += 1
      return `id${ids}`
    },
  }
  const events: CacheEvent[] = []
  const report = (event: CacheEvent): void => void events.push(event)
  const session = tier.open({ name: 'shop', instance: 'one', clock, random, report })
  const noted: string[] = []
  const over = (own: Partial<SharedSession> = {}): SharedAccess =>
    new SharedAccess({
      session: new Proxy(session, {
        get: (target, property) => Reflect.get(property in own ? own : target, property),
      }),
      clock,
      timeoutMs: 200,
      report,
      random,
      note: ({ shard, epoch }) => void noted.push(`${shard}:${epoch.length > 0}`),
    })
  const states = (): string[] =>
    events.flatMap((event) => (event.type === 'connection' ? [event.state] : []))
  return { clock, scene, events, states, noted, session, over, access: over() }
}

const key = (text: string): SharedKey => ({ id: `:s${text.length}:${text}`, collection: '' })
const value = (text: string): SharedValue => ({
  ...key(text),
  envelope: new Uint8Array([1]),
  ttlMs: 1_000,
  graceMs: 0,
  tags: [],
})

describe('a step of the shared tier', () => {
  test('that fails leaves reads without an answer, rejects changes, and is told', async () => {
    const { access, scene, events } = setup()
    scene.fault = DOWN
    expect(await access.read(key('a'))).toBeUndefined()
    expect(await access.claim({ ...key('a'), token: 't' })).toBeUndefined()
    await access.release({ ...key('a'), token: 't' })
    const setting = access.set(value('a'))
    await expect(setting).rejects.toThrow(TierError)
    await expect(setting).rejects.toMatchObject({ cause: { message: 'the server is down' } })
    expect(events).toMatchObject([
      { type: 'tier-failure', operation: 'read' },
      { type: 'tier-failure', operation: 'claim' },
      { type: 'tier-failure', operation: 'release' },
      { type: 'tier-failure', operation: 'set' },
    ])
  })

  test('that fails with a word of the tier passes it on as it is', async () => {
    const { access, scene } = setup()
    const error = new TierError('redis', 'The server is loading.')
    scene.fault = { kind: 'fail', error }
    await expect(access.usage()).rejects.toBe(error)
  })

  test('that takes longer than its budget is given up, all of its items together', async () => {
    const { access, scene, clock } = setup()
    scene.fault = { kind: 'hang' }
    const outcomes = Promise.allSettled([access.set(value('a')), access.set(value('b'))])
    await clock.advance(200)
    const [first, second] = await outcomes
    expect(first).toMatchObject({ status: 'rejected' })
    expect((first as PromiseRejectedResult).reason.message).toContain('200 ms')
    expect((second as PromiseRejectedResult).reason).toBe((first as PromiseRejectedResult).reason)
    expect(clock.timers).toBe(0)
  })

  test('of which one shard failed rejects the items of that shard alone', async () => {
    const { over, noted } = setup()
    const error = new TierError('redis', 'The shard is moving.')
    const moment = { shard: 0, epoch: 'e', sequence: 1, serverNow: 0 }
    const access = over({ set: async () => [{ ...moment, kind: 'stored' }, error] })
    const [first, second] = await Promise.allSettled([
      access.set(value('a')),
      access.set(value('b')),
    ])
    expect(first).toMatchObject({ status: 'fulfilled', value: { kind: 'stored' } })
    expect(second).toMatchObject({ status: 'rejected', reason: error })
    expect(noted).toEqual(['0:true'])
  })

  test('that leaves a shard out of its answer rejects the keys of that shard', async () => {
    const { over } = setup({ shards: 2 })
    const access = over({ invalidate: async () => ({ found: [true], moments: [] }) })
    await expect(access.remove(key('a'))).rejects.toThrow('A shard answered nothing.')
  })

  test('that deletes keys of several shards, of which one failed, deletes the others', async () => {
    const { over, session, states } = setup({ shards: 2 })
    const here = key('a')
    const there = ['b', 'c', 'd', 'e'].map(key).find((one) => {
      return session.place(one).shard !== session.place(here).shard
    })
    if (there === undefined) throw new Error('All keys live in one shard.')
    const deadShard = session.place(there).shard
    await session.set([value('a')])
    const dead = new Error('the server is down')
    const access = over({
      async invalidate(what) {
        const isDead =
          what.kind === 'keys' && session.place(what.keys[0] ?? here).shard === deadShard
        if (isDead) throw dead
        return await session.invalidate(what)
      },
    })
    for (let time = 0; time < 6; time += 1) {
      const [gone, kept] = await Promise.allSettled([access.remove(here), access.remove(there)])
      expect(gone).toMatchObject({ status: 'fulfilled', value: { found: time === 0 } })
      expect(kept).toMatchObject({ status: 'rejected', reason: { code: 'tier', cause: dead } })
    }
    expect(states()).toEqual([])
  })

  test('names the epoch of each answer to whoever follows', async () => {
    const { access, noted } = setup()
    await access.read(key('a'))
    await access.invalidate({ kind: 'clear' })
    await access.atomic([{ op: 'read', key: key('a') }])
    await access.remove(key('a'))
    expect(noted).toEqual(['0:true', '0:true', '0:true', '0:true'])
  })

  test('is asked for locks, pages, usage and standings within the same budget', async () => {
    const { access, scene, clock } = setup()
    scene.fault = { kind: 'hang' }
    const lock = { names: ['a'], owner: 'o', ttlMs: 1_000 }
    const waiting = Promise.allSettled([
      access.locks.acquire(lock),
      access.locks.renew(lock),
      access.locks.release(lock),
      access.locks.remaining('a'),
      access.scan('', undefined),
      access.standings(0),
    ])
    await clock.advance(200)
    for (const outcome of await waiting) expect(outcome).toMatchObject({ status: 'rejected' })
  })
})

describe('the breaker round the shared tier', () => {
  const readTimes = async (access: SharedAccess, times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) await access.read(key('a'))
  }

  test('opens after five failures in a row: nothing is asked then, and calls fail at once', async () => {
    const { access, scene, states } = setup()
    scene.fault = DOWN
    await readTimes(access, 4)
    expect(states()).toEqual([])
    await readTimes(access, 1)
    expect(states()).toEqual(['open'])
    scene.asked = []
    expect(await access.read(key('a'))).toBeUndefined()
    await expect(access.set(value('a'))).rejects.toMatchObject({
      message: expect.stringContaining('is not asked for `set` for now: five calls'),
      cause: expect.any(Error),
    })
    expect(scene.asked).toEqual([])
  })

  test('does not open for steps that the tier refuses, being there', async () => {
    const { access, scene, states } = setup()
    const full = new TierError('redis', 'Redis is full.', { scope: 'step' })
    scene.fault = { kind: 'fail', error: full }
    for (let time = 0; time < 10; time += 1) await expect(access.set(value('a'))).rejects.toBe(full)
    expect(states()).toEqual([])
  })

  test('takes slow calls for failures', async () => {
    const { access, scene, states, clock } = setup()
    scene.fault = { kind: 'delay', ms: 201 }
    for (let time = 0; time < 5; time += 1) {
      const reading = access.read(key('a'))
      await clock.advance(200)
      expect(await reading).toBeUndefined()
    }
    expect(states()).toEqual(['open'])
    await clock.advance(10)
  })

  test('does not open while calls between succeed', async () => {
    const { access, scene, states } = setup()
    for (let turn = 0; turn < 3; turn += 1) {
      scene.fault = DOWN
      await readTimes(access, 4)
      scene.fault = { kind: 'none' }
      await readTimes(access, 1)
    }
    expect(states()).toEqual([])
  })

  test('lets one call through after its rest, and closes if that is answered', async () => {
    const { access, scene, states, clock } = setup()
    scene.fault = DOWN
    await readTimes(access, 5)
    await clock.advance(500)
    scene.fault = { kind: 'none' }
    scene.asked = []
    const [probe, other] = await Promise.all([
      access.usage().catch(() => 'refused'),
      access.usage().catch(() => 'refused'),
    ])
    expect(probe).toMatchObject({ entries: 0 })
    expect(other).toBe('refused')
    expect(states()).toEqual(['open', 'half-open', 'closed'])
    await readTimes(access, 1)
    expect(scene.asked).toEqual(['usage', 'read'])
  })

  test('rests longer after each call that was let through for nothing, two seconds at most', async () => {
    const { access, scene, clock } = setup()
    scene.fault = DOWN
    await readTimes(access, 5)
    for (const restMs of [500, 1_000, 2_000, 2_000]) {
      scene.asked = []
      await clock.advance(restMs - 1)
      await readTimes(access, 1)
      expect(scene.asked).toEqual([])
      await clock.advance(1)
      await readTimes(access, 1)
      expect(scene.asked).toEqual(['read'])
    }
  })

  test('does not count what one of several servers could not be asked', async () => {
    const { access, scene, states } = setup()
    const error = new TierError('redis', 'One server is dead.', { scope: 'part' })
    scene.fault = { kind: 'fail', error }
    for (let time = 0; time < 6; time += 1) await expect(access.usage()).rejects.toBe(error)
    expect(states()).toEqual([])
  })

  test('closes when something else has had an answer', async () => {
    const { access, scene, states } = setup()
    scene.fault = DOWN
    await readTimes(access, 5)
    scene.fault = { kind: 'none' }
    access.recovered()
    expect(await access.read(key('a'))).toBeDefined()
    expect(states()).toEqual(['open', 'closed'])
  })
})
