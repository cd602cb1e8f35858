/** What a short-lived host is handed, so that nothing of it is lost with the process. */

import { describe, expect, test } from 'vitest'
import { createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'
import { FakeClock } from '../../src/testing/fake-clock.ts'

function setup() {
  const clock = new FakeClock()
  const shared = memoryTier()
  const handed: Promise<unknown>[] = []
  const open = (instance: string) => {
    const waitUntil = (work: Promise<unknown>): void => void handed.push(work)
    const options = { name: 'shop', instance, shared, waitUntil, defaults: { jitter: 0 } }
    return createCache(options, { clock })
  }
  return { clock, handed, open }
}

describe('a host that ends the process after its answer', () => {
  test('is handed the load that nobody waits for any more, and its store', async () => {
    const { handed, open } = setup()
    const cache = open('one')
    await cache.ready()
    const begun = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<string>()
    const leaving = new AbortController()
    const load = async (): Promise<string> => {
      begun.resolve()
      return await gate.promise
    }
    const asked = cache.getOrLoad('report', load, { signal: leaving.signal })
    await begun.promise
    leaving.abort(new Error('the client has left'))
    await expect(asked).rejects.toThrow('the client has left')
    gate.resolve('built')
    await Promise.all(handed)
    // Another process finds it: it was stored before the host was let go.
    expect(await open('two').get('report')).toBe('built')
  })

  test('is handed the refresh behind a hit', async () => {
    const { clock, handed, open } = setup()
    const cache = open('one')
    let value = 0
    const load = (): number => {
      value += 1
      return value
    }
    const options = { ttl: '1m', refreshAhead: { after: 0.5, beta: 'off' } } as const
    await cache.getOrLoad('report', load, options)
    await clock.advance(40_000)
    const before = handed.length
    expect(await cache.getOrLoad('report', load, options)).toBe(1)
    expect(handed.length).toBeGreaterThan(before)
    await Promise.all(handed)
    expect(await open('two').get('report')).toBe(2)
  })

  test('is handed a change that its caller did not await', async () => {
    const { handed, open } = setup()
    const [cache, other] = [open('one'), open('two')]
    await cache.set('a', 1)
    const before = handed.length
    void cache.delete('a')
    void cache.set('b', 2)
    expect(handed.length).toBeGreaterThan(before)
    await Promise.all(handed)
    expect([await other.get('a'), await other.get('b')]).toEqual([undefined, 2])
  })

  test('is handed nothing for a hit', async () => {
    const { handed, open } = setup()
    const cache = open('one')
    await cache.set('a', 1)
    await cache.get('a')
    const before = handed.length
    await cache.get('a')
    expect(handed).toHaveLength(before)
  })

  test('of a wrong kind is refused when the cache is made', () => {
    const wrong = { name: 'shop', waitUntil: 'ctx' as never }
    expect(() => createCache(wrong)).toThrow('`waitUntil`')
  })
})
