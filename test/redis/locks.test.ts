/** Locks over Redis, with holders that are paused: advisory, and safe where the token is checked. */

import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Cache } from '../../src/index.ts'
import { SeededRandom } from '../../src/testing/index.ts'
import { drivers } from '../servers/redis-drivers.ts'
import { Fleet } from './fleet.ts'

const clients = drivers.filter(({ driver }) => driver === 'ioredis 5' || driver === 'node-redis 6')

const RUNS = 500
const TTL_MS = 40

/** What makes a lock safe: writes of a holder that was overtaken are refused. */
class FencedStore {
  #token = 0n
  refused = 0

  /** @returns whether it was written. */
  write(token: bigint): boolean {
    if (token < this.#token) {
      this.refused += 1
      return false
    }
    this.#token = token
    return true
  }
}

interface Grant {
  readonly token: bigint
  /** Before it was asked for, and after it was answered. */
  readonly askedAt: number
  readonly grantedAt: number
  releasedAt: number
}

async function holdOnce(
  cache: Cache,
  what: { readonly store: FencedStore; readonly random: SeededRandom; readonly grants: Grant[] },
): Promise<void> {
  const askedAt = performance.now()
  // A busy machine may take longer to answer than a call has.
  const trying = cache.tryLock('one', { ttl: TTL_MS, renew: 'never' })
  const lock = await trying.catch(() => undefined)
  if (lock === undefined) return
  const grant = {
    token: lock.token,
    askedAt,
    grantedAt: performance.now(),
    releasedAt: Number.POSITIVE_INFINITY,
  }
  what.grants.push(grant)
  // Now and then a holder is away for longer than its lock lasts.
  await pause(what.random.next() < 0.3 ? TTL_MS * 1.5 : what.random.next() * 5)
  const expired = performance.now() - grant.askedAt >= TTL_MS
  if (expired) expect(lock.signal.aborted).toBe(true)
  what.store.write(lock.token)
  grant.releasedAt = performance.now()
  await lock.release()
}

describe.each(clients)('with $driver', (driver) => {
  test(`${RUNS} holders, some of them paused: no name twice at a time, and no write of one overtaken`, async () => {
    await using fleet = await Fleet.start(driver)
    const members = await Promise.all(Array.from({ length: 3 }, () => fleet.join()))
    const store = new FencedStore()
    const grants: Grant[] = []
    const random = new SeededRandom(7)
    const worker = async (cache: Cache): Promise<void> => {
      while (grants.length < RUNS) {
        await holdOnce(cache, { store, random, grants })
        await pause(random.next() * 4)
      }
    }
    await Promise.all(members.flatMap(({ cache }) => [worker(cache), worker(cache)]))

    grants.sort((a, b) => Number(a.token - b.token))
    for (const [at, grant] of grants.entries()) {
      const next = grants[at + 1]
      if (next === undefined) break
      expect(next.token).toBeGreaterThan(grant.token)
      // Given back, or out of time: only then may the next be granted.
      const free = Math.min(grant.releasedAt, grant.askedAt + TTL_MS)
      expect(next.grantedAt).toBeGreaterThanOrEqual(free - 1)
    }
    expect(store.refused).toBeGreaterThan(0)
  }, 60_000)

  test('50 callers who take several names in opposite orders all have them in the end', async () => {
    await using fleet = await Fleet.start(driver)
    const members = await Promise.all(Array.from({ length: 2 }, () => fleet.join()))
    const names = ['a', 'b', 'c', 'd']
    let held = 0
    let most = 0
    const caller = async (cache: Cache, at: number): Promise<void> => {
      const order = at % 2 === 0 ? names : [...names].reverse()
      await using _ = await cache.lock(order, { wait: '30s' })
      held += 1
      most = Math.max(most, held)
      await pause(1)
      held -= 1
    }
    await Promise.all(
      Array.from({ length: 50 }, (_, at) => {
        const { cache } = members[at % members.length] ?? members[0] ?? { cache: undefined }
        return cache === undefined ? undefined : caller(cache, at)
      }),
    )
    expect(most).toBe(1)
  }, 60_000)
})
