import { describe, expect, test } from 'vitest'
import type { Clock } from '../contracts/clock.ts'
import { TierError } from '../contracts/errors.ts'
import type { LockSteps } from '../contracts/lock-steps.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { Background } from './background.ts'
import { HeldLock, type HeldLockParts } from './held-lock.ts'

const DOWN: Fault = { kind: 'fail', error: new TierError('memory', 'the server is down') }

/** A lock of ten seconds, and another owner. What the tier is asked meets `scene.fault`. */
async function setup(own: Partial<HeldLockParts> = {}) {
  const clock = new FakeClock()
  const scene: { fault: Fault; asked: string[]; pausedMs: number; ended: number } = {
    fault: { kind: 'none' },
    asked: [],
    pausedMs: 0,
    ended: 0,
  }
  const random = new SeededRandom(1)
  /** The clock of a process that may stand still: its timers come late, and it has missed the time. */
  const process: Clock = {
    now: () => clock.now() + scene.pausedMs,
    monotonic: () => clock.monotonic() + scene.pausedMs,
    schedule: (delayMs, task) => clock.schedule(delayMs, task),
  }
  const context = { name: 'shop', instance: 'one', clock: process, random, report: () => {} }
  const tier = memoryTier()
  const planned = chaosTier(
    tier,
    (operation) => {
      scene.asked.push(operation)
      return scene.fault
    },
    clock,
  )
  const steps: LockSteps = planned.open(context).locks
  const others: LockSteps = tier.open(context).locks
  const request = { names: ['stock'], owner: 'me', ttlMs: 10_000 }
  const granted = await steps.acquire(request)
  if (granted.kind !== 'granted') throw new Error('nobody else can hold it')
  const failures: unknown[] = []
  const lock = new HeldLock({
    ...request,
    token: granted.token,
    heldUntil: process.monotonic() + request.ttlMs,
    renews: true,
    steps,
    clock: process,
    background: new Background((_reason, error) => failures.push(error)),
    ended: () => {
      scene.ended += 1
    },
    ...own,
  })
  scene.asked = []
  const take = () => others.acquire({ ...request, owner: 'another' })
  return { clock, scene, lock, take, steps, failures, request }
}

describe('a lock that is held', () => {
  test('is renewed each third of its life, as long as it is held', async () => {
    const { clock, scene, lock, take } = await setup()
    await clock.advance(60_001)
    expect(scene.asked).toHaveLength(18)
    expect(lock.signal.aborted).toBe(false)
    expect(await take()).toMatchObject({ kind: 'held' })
    await lock.release()
    expect(await take()).toMatchObject({ kind: 'granted' })
    expect(clock.timers).toBe(0)
  })

  test('keeps a longer life that it was given while it was about to be renewed', async () => {
    const { clock, scene, lock, take } = await setup()
    await clock.advance(3_300)
    scene.fault = { kind: 'delay', ms: 100 }
    const extending = lock.extend('1h')
    await clock.advance(90)
    scene.fault = { kind: 'none' }
    await clock.advance(110)
    expect(await extending).toBe(true)
    const { remainingMs } = (await take()) as { remainingMs: number }
    expect(remainingMs).toBeGreaterThan(3_500_000)
    await lock.release()
  })

  test('that is not to be renewed is lost when its life ends', async () => {
    const { clock, scene, lock } = await setup({ renews: false })
    await clock.advance(9_999)
    expect(lock.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(lock.signal.aborted).toBe(true)
    expect(lock.signal.reason).toMatchObject({
      message: 'The lock was lost: it was not renewed in time.',
    })
    expect(scene).toMatchObject({ asked: [], ended: 1 })
  })

  test('survives renewals that fail, until its life ends', async () => {
    const { clock, scene, lock, failures } = await setup()
    scene.fault = DOWN
    await clock.advance(6_000)
    scene.fault = { kind: 'none' }
    await clock.advance(6_000)
    expect(lock.signal.aborted).toBe(false)
    scene.fault = DOWN
    await clock.advance(10_000)
    expect(lock.signal.aborted).toBe(true)
    expect(failures).toEqual([])
  })

  test('is lost at the end of its life, also while a renewal is under way', async () => {
    const { clock, scene, lock } = await setup()
    scene.fault = { kind: 'delay', ms: 9_000 }
    await clock.advance(9_999)
    expect(lock.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(lock.signal.aborted).toBe(true)
    await clock.advance(5_000)
    expect(scene.ended).toBe(1)
  })

  test('counts its life from before a renewal was asked for', async () => {
    const { clock, scene, lock } = await setup()
    scene.fault = { kind: 'delay', ms: 4_000 }
    await clock.advance(3_334)
    scene.fault = DOWN
    await clock.advance(4_000)
    const renewedFrom = 10_000 / 3
    await clock.advance(renewedFrom + 10_000 - clock.monotonic() - 1)
    expect(lock.signal.aborted).toBe(false)
    await clock.advance(2)
    expect(lock.signal.aborted).toBe(true)
  })

  test('is lost to another who took it, and that is said', async () => {
    const { clock, lock, steps, take, request } = await setup()
    await steps.release(request)
    expect(await take()).toMatchObject({ kind: 'granted' })
    await clock.advance(3_334)
    expect(lock.signal.reason).toMatchObject({
      message: 'The lock was lost: somebody else may hold it.',
    })
    expect(await lock.extend()).toBe(false)
    await lock.release()
    expect(await take()).toMatchObject({ kind: 'granted' })
  })
})

describe('a process that stood still beyond the life of its lock', () => {
  test('is told of the loss by the first timer that comes, and asks for nothing', async () => {
    const { clock, scene, lock, take } = await setup()
    const told: string[] = []
    lock.signal.addEventListener('abort', () => told.push('lost'))
    scene.pausedMs = 20_000
    expect(await take()).toMatchObject({ kind: 'granted' })
    await clock.advance(3_333)
    expect(told).toEqual([])
    await clock.advance(1)
    expect(told).toEqual(['lost'])
    expect(scene).toMatchObject({ asked: [], ended: 1 })
  })

  test('finds the loss where it looks for it, before any timer has come', async () => {
    const { scene, lock } = await setup()
    expect(lock.signal.aborted).toBe(false)
    scene.pausedMs = 10_000
    expect(lock.signal.aborted).toBe(true)
    expect(lock.signal.aborted).toBe(true)
    expect(scene).toMatchObject({ asked: [], ended: 1 })
  })

  test('learns of the loss from an extension that comes too late', async () => {
    const { scene, lock, take } = await setup()
    scene.pausedMs = 20_000
    expect(await take()).toMatchObject({ kind: 'granted' })
    expect(await lock.extend('1h')).toBe(false)
    expect(lock.signal.aborted).toBe(true)
  })

  test('while it was renewing believes no answer that comes after its new life', async () => {
    const { clock, scene, lock } = await setup()
    scene.fault = { kind: 'delay', ms: 100 }
    const extending = lock.extend('5s')
    await clock.settle()
    scene.pausedMs = 6_000
    scene.fault = { kind: 'none' }
    await clock.advance(100)
    expect(await extending).toBe(false)
    expect(lock.signal.reason).toMatchObject({
      message: 'The lock was lost: it was not renewed in time.',
    })
  })
})

describe('a timer of the machine', () => {
  test('that comes too early is set again', async () => {
    const { clock, scene, lock } = await setup({ renews: false })
    scene.pausedMs = -2
    await clock.advance(10_000)
    expect(lock.signal.aborted).toBe(false)
    await clock.advance(2)
    expect(lock.signal.aborted).toBe(true)
  })

  test('that cannot be taken back any more does nothing after the release', async () => {
    const timers: (() => void)[] = []
    const { scene, lock } = await setup({
      clock: {
        now: () => 0,
        monotonic: () => 0,
        schedule: (_, task) => {
          timers.push(task)
          return () => {}
        },
      },
    })
    await lock.release()
    scene.asked = []
    for (const timer of timers) timer()
    expect(scene.asked).toEqual([])
    expect(lock.signal.aborted).toBe(false)
  })
})

describe('an extension', () => {
  test('gives the lock another life from now, and renewals keep to it', async () => {
    const { clock, scene, lock } = await setup()
    await clock.advance(3_000)
    expect(await lock.extend('1m')).toBe(true)
    scene.asked = []
    await clock.advance(19_999)
    expect(scene.asked).toEqual([])
    await clock.advance(1)
    expect(scene.asked).toEqual(['renew'])
  })

  test('without a time gives the life that it had', async () => {
    const { clock, lock } = await setup({ renews: false })
    await clock.advance(9_000)
    expect(await lock.extend()).toBe(true)
    await clock.advance(9_999)
    expect(lock.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(lock.signal.aborted).toBe(true)
  })

  test('by a time that cannot be is refused, and changes nothing', async () => {
    const { lock, scene } = await setup()
    await expect(lock.extend('soon' as '1s')).rejects.toMatchObject({ field: 'ttl' })
    expect(scene.asked).toEqual([])
  })

  test('that the tier does not answer leaves the lock as it was', async () => {
    const { clock, scene, lock } = await setup({ renews: false })
    scene.fault = DOWN
    await clock.advance(1_000)
    expect(await lock.extend('1m')).toBe(false)
    expect(lock.signal.aborted).toBe(false)
    await clock.advance(9_000)
    expect(lock.signal.aborted).toBe(true)
  })

  test('to a shorter life that the tier does not answer ends the lock with it: it may have been carried out', async () => {
    const { clock, scene, lock } = await setup({ renews: false })
    scene.fault = DOWN
    expect(await lock.extend('2s')).toBe(false)
    await clock.advance(1_999)
    expect(lock.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(lock.signal.aborted).toBe(true)
  })

  test('of a lock that was released meanwhile does not bring it back', async () => {
    const { clock, scene, lock } = await setup()
    scene.fault = { kind: 'delay', ms: 100 }
    const extending = lock.extend('1m')
    await clock.settle()
    scene.fault = { kind: 'none' }
    await lock.release()
    await clock.advance(100)
    expect(await extending).toBe(false)
    expect(await lock.extend()).toBe(false)
    expect(lock.signal.aborted).toBe(false)
  })
})

describe('a release', () => {
  test('is done once, and says nothing to the holder', async () => {
    const { scene, lock } = await setup()
    await Promise.all([lock.release(), lock.release()])
    await lock[Symbol.asyncDispose]()
    expect(scene).toMatchObject({ asked: ['release'], ended: 1 })
    expect(lock.signal.aborted).toBe(false)
  })

  test('that the tier does not take rejects, and at the end of a scope does not', async () => {
    const { scene, lock } = await setup()
    scene.fault = DOWN
    await expect(lock.release()).rejects.toThrow('the server is down')
    const another = await setup()
    another.scene.fault = DOWN
    await another.lock[Symbol.asyncDispose]()
    expect(another.scene).toMatchObject({ asked: ['release'], ended: 1 })
  })
})
