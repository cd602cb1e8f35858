import { describe, expect, test } from 'vitest'
import type { Cache, CacheOptions } from '../contracts/cache.ts'
import { ArgumentError, ConfigError, LockNotAcquiredError, TierError } from '../contracts/errors.ts'
import type { Lock } from '../contracts/lock.ts'
import type { LockRequest } from '../contracts/lock-steps.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

/** Instances on one tier; `plan` says what the next steps of the first one meet. */
function setup() {
  const clock = new FakeClock()
  const tier = memoryTier()
  const scene: { plan: (operation: string) => Fault; asked: string[] } = {
    plan: () => ({ kind: 'none' }),
    asked: [],
  }
  const planned = chaosTier(
    tier,
    (operation) => {
      scene.asked.push(operation)
      return scene.plan(operation)
    },
    clock,
  )
  const open = (shared: CacheOptions['shared']): Cache =>
    createCache({ name: 'shop', shared, logger: SILENT }, { clock })
  const [one, two, three] = [open(planned), open(tier), open(tier)]
  return { clock, scene, tier, one, two, three }
}

/** Meets a fault at the next step of this name, and none after it. */
function once(name: string, fault: Fault): (operation: string) => Fault {
  let met = false
  return (operation) => {
    if (met || operation !== name) return { kind: 'none' }
    met = true
    return fault
  }
}

describe('a lock', () => {
  test('is held by one, and its token is above those of all before', async () => {
    const { one, two } = setup()
    const first = await one.lock('stock')
    expect(first.names).toEqual(['stock'])
    expect(await two.tryLock('stock')).toBeUndefined()
    await first.release()
    const second = await two.lock('stock')
    const other = await one.lock('orders')
    expect(second.token > first.token && other.token > second.token).toBe(true)
  })

  test('is waited for, and taken as soon as it is given back', async () => {
    const { one, two, clock } = setup()
    const first = await one.lock('stock')
    const waiting = two.lock('stock', { retry: '1m', wait: '1m' })
    await clock.settle()
    await first.release()
    await clock.settle()
    const second = await waiting
    expect(second.token > first.token).toBe(true)
    expect(clock.monotonic()).toBe(0)
  })

  test('of a holder that died is taken when it ends by itself', async () => {
    const { one, two, clock } = setup()
    await one.lock('stock', { ttl: '2s', renew: 'never' })
    const waiting = two.lock('stock', { retry: '1m' })
    await clock.advance(1_999)
    expect(await one.tryLock('stock')).toBeUndefined()
    await clock.advance(1)
    expect((await waiting).names).toEqual(['stock'])
  })

  test('is asked for again at intervals where no message comes', async () => {
    const { one, two, clock, scene } = setup()
    const held = await two.lock('stock', { ttl: '1h' })
    scene.plan = (operation) => (operation === 'signal' ? { kind: 'hang' } : { kind: 'none' })
    const waiting = one.lock('stock', { retry: '100ms' })
    await clock.settle()
    await held.release()
    await clock.advance(150)
    expect((await waiting).names).toEqual(['stock'])
  })

  test('that is not to be had in time rejects, and nothing is held', async () => {
    const { one, two, clock } = setup()
    await one.lock('stock', { ttl: '1h' })
    const waiting = two.lock(['orders', 'stock'], { wait: '300ms' })
    waiting.catch(() => {})
    await clock.advance(299)
    await clock.advance(1)
    await expect(waiting).rejects.toThrow(LockNotAcquiredError)
    await expect(waiting).rejects.toThrow('One of 2 locks is held by somebody else')
    expect((await one.tryLock('orders'))?.names).toEqual(['orders'])
  })

  test('lives ten seconds, one of several names thirty, unless it is said', async () => {
    const { one, two, clock } = setup()
    await one.lock('a', { renew: 'never' })
    await one.lock(['b', 'c'], { renew: 'never' })
    await one.lock('d', { renew: 'never', ttl: '1s' })
    const free = async (name: string): Promise<boolean> => {
      const lock = await two.tryLock(name)
      await lock?.release()
      return lock !== undefined
    }
    await clock.advance(1_000)
    expect([await free('d'), await free('a')]).toEqual([true, false])
    await clock.advance(9_000)
    expect([await free('a'), await free('b')]).toEqual([true, false])
    await clock.advance(20_000)
    expect([await free('b'), await free('c')]).toEqual([true, true])
  })

  test('is given back where its scope ends', async () => {
    const { one, two } = setup()
    {
      await using lock = await one.lock('stock')
      expect(lock.signal.aborted).toBe(false)
    }
    expect(await two.tryLock('stock')).toBeDefined()
  })
})

describe('several locks', () => {
  test('are taken all or none', async () => {
    const { one, two } = setup()
    await one.lock('b')
    expect(await two.tryLock(['a', 'b', 'c'])).toBeUndefined()
    const free = await two.tryLock(['a', 'c', 'a'])
    expect(free?.names).toEqual(['a', 'c'])
    expect(await one.tryLock('c')).toBeUndefined()
  })

  test('never wait for each other for ever, whatever the order of their names', async () => {
    const { one, two, clock } = setup()
    const turns: string[] = []
    const work = async (cache: Cache, who: string, names: readonly string[]): Promise<void> => {
      for (let turn = 0; turn < 5; turn += 1) {
        await using lock = await cache.lock(names, { wait: '1m' })
        turns.push(`${who} takes ${lock.names.length}`)
        await clock.settle()
        turns.push(`${who} leaves`)
      }
    }
    const both = Promise.all([work(one, 'one', ['a', 'b']), work(two, 'two', ['b', 'a'])])
    await clock.advance(10_000)
    await both
    expect(turns).toHaveLength(20)
    // Nobody takes them between another's taking and leaving.
    for (let at = 0; at < turns.length; at += 2) {
      expect(turns[at + 1]).toBe(turns[at]?.replace('takes 2', 'leaves'))
    }
  })

  test('are a hundred at most, counted without repeats', async () => {
    const { one } = setup()
    const names = Array.from({ length: 100 }, (_, i) => `name ${i}`)
    const lock = await one.lock([...names, ...names])
    expect(lock.names).toHaveLength(100)
    await expect(one.lock([...names, 'one more'])).rejects.toMatchObject({ field: 'names' })
    await expect(one.tryLock([])).rejects.toThrow('1 to 100 names')
  })
})

describe('an argument that cannot be', () => {
  test.each<[string, unknown]>([
    ['empty', ''],
    ['too long', 'x'.repeat(513)],
    ['no text', 7],
    ['half a character', '\ud800'],
  ])('is refused: a name that is %s', async (_, name) => {
    const { one, scene } = setup()
    const names = ['good', name as string]
    await expect(one.lock(names)).rejects.toThrow(ArgumentError)
    await expect(one.tryLock(names)).rejects.toMatchObject({ field: 'names' })
    expect(scene.asked).not.toContain('acquire')
  })

  test.each([7, undefined, null, {}])('is refused: %j in place of names', async (names) => {
    const { one } = setup()
    await expect(one.lock(names as string)).rejects.toMatchObject({ field: 'names' })
    await expect(one.waitForUnlock(names as string)).rejects.toThrow(ArgumentError)
  })

  test('is refused: a name to wait for that is empty', async () => {
    const { one } = setup()
    await expect(one.waitForUnlock('')).rejects.toMatchObject({ field: 'names' })
  })

  test.each(['ttl', 'wait', 'retry', 'renew'])('is refused: %s', async (field) => {
    const { one, scene } = setup()
    const locking = one.lock('stock', { [field]: 'soon' })
    await expect(locking).rejects.toMatchObject({ field, code: 'argument' })
    await expect(one.lock('stock', { [field]: 0 })).rejects.toMatchObject({ field })
    expect(scene.asked).not.toContain('acquire')
  })
})

test('a lock without a shared tier is refused, since nobody would know of it', async () => {
  const { clock } = setup()
  const alone = createCache({ name: 'shop' }, { clock })
  await expect(alone.lock('stock')).rejects.toThrow(ConfigError)
  await expect(alone.tryLock('stock')).rejects.toMatchObject({ field: 'shared' })
  await expect(alone.waitForUnlock('stock')).rejects.toMatchObject({ field: 'shared' })
})

describe('a tier that does not answer', () => {
  const DOWN: Fault = { kind: 'fail', error: new TierError('memory', 'the server is down') }

  test('is asked again while there is time, and what it may have granted is given back', async () => {
    const { one, two, scene, clock } = setup()
    scene.plan = once('acquire', { kind: 'lost' })
    const locking = one.lock('stock', { retry: '100ms' })
    await clock.advance(199)
    expect(await two.tryLock('stock')).toBeUndefined()
    await clock.advance(200)
    expect((await locking).names).toEqual(['stock'])
    expect(scene.asked.filter((operation) => operation === 'release')).toHaveLength(1)
  })

  test('rejects when the time is over, and holds nothing', async () => {
    const { one, two, scene, clock } = setup()
    scene.plan = (operation) => (operation === 'acquire' ? { kind: 'lost' } : { kind: 'none' })
    const locking = one.lock('stock', { wait: '500ms' })
    locking.catch(() => {})
    await clock.advance(1_000)
    await expect(locking).rejects.toThrow(TierError)
    expect(await two.tryLock('stock')).toBeDefined()
  })

  test('rejects a single try at once, also where nothing can be given back', async () => {
    const { one, scene } = setup()
    scene.plan = (operation) =>
      operation === 'acquire' || operation === 'release' ? DOWN : { kind: 'none' }
    await expect(one.tryLock('stock')).rejects.toThrow('the server is down')
  })

  test('is not asked again for a caller who has left', async () => {
    const { one, scene, clock } = setup()
    scene.plan = (operation) => (operation === 'acquire' ? DOWN : { kind: 'none' })
    const controller = new AbortController()
    const locking = one.lock('stock', { signal: controller.signal, retry: '100ms', wait: '1h' })
    await clock.settle()
    controller.abort(new Error('enough'))
    await expect(locking).rejects.toThrow('enough')
    await clock.advance(1_000)
    scene.asked = []
    await clock.advance(1_000)
    expect(scene.asked).not.toContain('acquire')
  })
})

describe('a caller who leaves', () => {
  test('before it asks takes nothing', async () => {
    const { one, scene } = setup()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(one.lock('stock', { signal })).rejects.toThrow('enough')
    await expect(one.tryLock('stock', { signal })).rejects.toThrow('enough')
    await expect(one.waitForUnlock('stock', { signal })).rejects.toThrow('enough')
    expect(scene.asked).not.toContain('acquire')
  })

  test('while it waits is told at once, and gives back what comes after all', async () => {
    const { one, two, three, clock } = setup()
    const held = await one.lock('stock')
    const controller = new AbortController()
    const waiting = two.lock('stock', { signal: controller.signal, retry: '1m', wait: '1m' })
    await clock.settle()
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await held.release()
    await clock.settle()
    expect(await three.tryLock('stock')).toBeDefined()
  })

  test('while it waits asks no more', async () => {
    const { one, two, scene, clock } = setup()
    await two.lock('stock', { ttl: '1h' })
    const controller = new AbortController()
    const waiting = one.lock('stock', { signal: controller.signal, wait: '1h' })
    await clock.settle()
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await clock.advance(1_000)
    scene.asked = []
    await clock.advance(1_000)
    expect(scene.asked).not.toContain('acquire')
  })

  test('while it is asked for gives back what is granted', async () => {
    const { one, two, scene, clock } = setup()
    scene.plan = once('acquire', { kind: 'delay', ms: 100 })
    const controller = new AbortController()
    const locking = one.lock('stock', { signal: controller.signal })
    await clock.settle()
    controller.abort(new Error('enough'))
    await expect(locking).rejects.toThrow('enough')
    await clock.advance(100)
    expect(await two.tryLock('stock')).toBeDefined()
    expect(scene.asked).toContain('release')
  })
})

describe('a cache that is closed', () => {
  test('gives back what it holds, without telling the holder of a loss', async () => {
    const { one, two } = setup()
    const locks: Lock[] = [await one.lock('a'), await one.lock(['b', 'c'])]
    await one.close()
    expect(await two.tryLock(['a', 'b', 'c'])).toBeDefined()
    expect(locks.map(({ signal }) => signal.aborted)).toEqual([false, false])
    for (const lock of locks) await lock.release()
  })

  test('gives back what is granted while it closes, whether the answer comes late or the step', async () => {
    for (const late of ['step', 'answer'] as const) {
      const { tier, clock, two } = setup()
      const slow: SharedTier = {
        kind: 'memory',
        open(context) {
          const session = tier.open(context)
          const { acquire } = session.locks
          const pause = () => new Promise<void>((resolve) => void clock.schedule(100, resolve))
          Object.assign(session.locks, {
            acquire: async (request: LockRequest) => {
              if (late === 'step') await pause()
              const answer = await acquire(request)
              if (late === 'answer') await pause()
              return answer
            },
          })
          return session
        },
      }
      const cache = createCache({ name: 'shop', shared: slow, logger: SILENT }, { clock })
      const locking = cache.lock('stock')
      locking.catch(() => {})
      await clock.settle()
      const closing = cache.close()
      await clock.advance(200)
      await closing
      await expect(locking, late).rejects.toMatchObject({ code: 'closed' })
      expect(await two.tryLock('stock'), late).toBeDefined()
    }
  })

  test('ends the wait of those who want a lock, and of those who want it free', async () => {
    const { one, two, clock } = setup()
    await one.lock('stock', { ttl: '1h' })
    const patience = { wait: '1m', retry: '1m' } as const
    const waiting = [two.lock('stock', patience), two.waitForUnlock('stock', patience)]
    await clock.settle()
    const closing = two.close()
    const outcomes = Promise.allSettled(waiting)
    await closing
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'closed' } })
    }
    expect(clock.monotonic()).toBe(0)
  })

  test('takes no lock any more', async () => {
    const { one } = setup()
    await one.close()
    await expect(one.lock('a')).rejects.toMatchObject({ code: 'closed' })
    await expect(one.tryLock('a')).rejects.toMatchObject({ code: 'closed' })
    await expect(one.waitForUnlock('a')).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('waiting for a lock to be free', () => {
  test('ends at once where nobody holds it, and takes nothing', async () => {
    const { one, two } = setup()
    await one.waitForUnlock('stock')
    expect(await two.tryLock('stock')).toBeDefined()
  })

  test('ends when it is given back', async () => {
    const { one, two, clock } = setup()
    const held = await one.lock('stock')
    const waiting = two.waitForUnlock('stock', { retry: '1m', wait: '1m' })
    await clock.settle()
    await held.release()
    await clock.settle()
    await waiting
    expect(clock.monotonic()).toBe(0)
  })

  test('ends when the lock does', async () => {
    const { one, two, clock } = setup()
    await one.lock('stock', { ttl: '2s', renew: 'never' })
    const waiting = two.waitForUnlock('stock', { retry: '1m' })
    await clock.advance(2_000)
    await waiting
    expect(clock.monotonic()).toBe(2_000)
  })

  test('rejects after its time', async () => {
    const { one, two, clock } = setup()
    await one.lock('stock', { ttl: '1h' })
    const waiting = two.waitForUnlock('stock', { wait: '1s' })
    waiting.catch(() => {})
    await clock.advance(1_000)
    await expect(waiting).rejects.toThrow(LockNotAcquiredError)
  })

  test('ends for a caller who leaves, and asks no more', async () => {
    const { one, two, scene, clock } = setup()
    await two.lock('stock', { ttl: '1h' })
    const controller = new AbortController()
    const waiting = one.waitForUnlock('stock', { signal: controller.signal, wait: '1h' })
    await clock.settle()
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await clock.advance(1_000)
    scene.asked = []
    await clock.advance(1_000)
    expect(scene.asked).not.toContain('remaining')
  })
})
