import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { SharedSession, SharedTier } from '../contracts/shared-tier.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** Two instances on one tier, the second with memory off; loads are held open until they are let go. */
function setup(options: Partial<CacheOptions> = {}) {
  const clock = new FakeClock()
  const tier = memoryTier()
  const sessions: SharedSession[] = []
  const shared: SharedTier = {
    kind: tier.kind,
    open(context) {
      const session = tier.open(context)
      sessions.push(session)
      return session
    },
  }
  const open = (own: Partial<CacheOptions>) =>
    createCache({ name: 'shop', defaults: { jitter: 0 }, ...own }, { clock })
  const calls: PromiseWithResolvers<string>[] = []
  const load = (): Promise<string> => {
    const call = Promise.withResolvers<string>()
    calls.push(call)
    return call.promise
  }
  const alone = open(options)
  const [here, there] = [open({ shared, ...options }), open({ shared, memory: 'off' })]
  return { clock, alone, here, there, calls, load, sessions }
}

describe('a read', () => {
  test('of memory only finds what is there and asks nobody else', async () => {
    const { here, there, load, clock } = setup()
    await there.set('a', 1)
    await clock.settle()
    expect(await here.get('a', { read: 'memory' })).toBeUndefined()
    expect(await here.getOrLoad('a', load, { read: 'memory' })).toBeUndefined()
    expect(await here.get('a')).toBe(1)
    expect(await here.read('a', { read: 'memory' })).toMatchObject({ tier: 'memory', value: 1 })
    expect(await there.read('a', { read: 'memory' })).toEqual({ found: false, tier: 'memory' })
  })

  test('of the shared tier only passes by memory, and loads nothing', async () => {
    const { here, load } = setup()
    await here.set('a', 1)
    expect(await here.read('a', { read: 'shared' })).toMatchObject({ tier: 'shared', value: 1 })
    expect(await here.getOrLoad('b', load, { read: 'shared' })).toBeUndefined()
  })

  test('of the source of plain keys finds nothing: they have none', async () => {
    const { here } = setup()
    await here.set('a', 1)
    expect(await here.read('a', { read: 'source' })).toEqual({ found: false, tier: 'source' })
  })

  test('from nowhere that there is, is refused', async () => {
    const { here } = setup()
    const read = 'disk' as 'memory'
    await expect(here.get('a', { read })).rejects.toMatchObject({ field: 'read' })
  })
})

describe('a load', () => {
  test('that never ends is given up after a minute, and what it brings then is dropped', async () => {
    const { alone, clock, calls, load } = setup()
    const signals: AbortSignal[] = []
    const first = alone.getOrLoad('a', ({ signal }) => {
      signals.push(signal)
      return load()
    })
    first.catch(() => {})
    await clock.advance(60_000)
    await expect(first).rejects.toMatchObject({ code: 'loader-timeout' })
    const joined = alone.getOrLoad('a', load)
    joined.catch(() => {})
    await clock.settle()
    expect(calls).toHaveLength(1)
    await clock.advance(1)
    const second = alone.getOrLoad('a', load)
    await clock.settle()
    expect(calls).toHaveLength(2)
    expect(signals[0]?.aborted).toBe(true)
    calls[0]?.resolve('very late')
    calls[1]?.resolve('new')
    expect(await second).toBe('new')
    expect(await alone.get('a')).toBe('new')
  })

  test('that outlives the grace of the old value shares that value with nobody', async () => {
    const { alone, clock, calls, load } = setup()
    await alone.set('a', 'old', { ttl: '1s', grace: '1s' })
    await clock.advance(1_000)
    const options = { timeouts: { soft: '4s', hard: '10s' } } as const
    const first = alone.getOrLoad('a', load, options)
    await clock.advance(999)
    expect(await alone.getOrLoad('a', load, options)).toBe('old')
    await clock.advance(1)
    const late = alone.getOrLoad('a', load, options)
    await clock.settle()
    calls[0]?.resolve('new')
    expect(await Promise.all([first, late])).toEqual(['new', 'new'])
    expect(calls).toHaveLength(1)
  })

  test('whose hard timeout comes before the soft one answers from grace then', async () => {
    const { alone, clock, load } = setup()
    await alone.set('a', 'old', { ttl: '1s', grace: '1m' })
    await clock.advance(1_000)
    const reading = alone.getOrLoad('a', load, { timeouts: { soft: '9s', hard: '1s' } })
    await clock.advance(1_000)
    expect(await reading).toBe('old')
  })

  test('of another instance is waited for, and its value taken', async () => {
    const { here, there, clock, calls, load } = setup()
    const first = there.getOrLoad('a', load)
    await clock.settle()
    const second = here.readOrLoad('a', load)
    await clock.advance(100)
    expect(calls).toHaveLength(1)
    calls[0]?.resolve('loaded')
    await clock.advance(100)
    expect(await first).toBe('loaded')
    expect(await second).toMatchObject({ tier: 'shared', value: 'loaded' })
  })

  test('of another instance is not waited for where there is something in grace', async () => {
    const { here, there, clock, calls, load } = setup()
    const events: CacheEvent[] = []
    here.on('stale', (event) => events.push(event))
    await there.set('a', 'old', { ttl: '1s', grace: '1m' })
    await clock.advance(1_000)
    void there.getOrLoad('a', load)
    await clock.settle()
    expect(await here.getOrLoad('a', load)).toBe('old')
    expect(events).toEqual([{ type: 'stale', pattern: '*', reason: 'load-elsewhere' }])
    calls[0]?.resolve('new')
    await clock.settle()
    expect(await here.getOrLoad('a', load)).toBe('new')
    expect(calls).toHaveLength(1)
  })

  test('of another instance that takes too long is done here too, and not kept', async () => {
    const { here, there, clock, calls, load } = setup()
    there.getOrLoad('a', load).catch(() => {})
    await clock.settle()
    const second = here.getOrLoad('a', load)
    await clock.advance(2_600)
    expect(calls).toHaveLength(2)
    calls[1]?.resolve('mine')
    expect(await second).toBe('mine')
    expect(await here.peek('a')).toBeUndefined()
  })

  test('of a key that is being written is handed out and not kept', async () => {
    const { here, clock, sessions } = setup()
    const key = { id: ':s1:a', collection: '' }
    await sessions[0]?.beginIntent([{ ...key, token: 't', deadlineMs: 60_000, tags: [] }])
    expect(await here.getOrLoad('a', () => 'read before')).toBe('read before')
    expect(await here.peek('a')).toBeUndefined()
    await here.set('a', 'set meanwhile')
    expect(await here.peek('a')).toBeUndefined()
    await sessions[0]?.endIntent([{ ...key, token: 't', tags: [], begun: undefined }])
    expect(await here.getOrLoad('a', () => 'read after')).toBe('read after')
    expect(await here.peek('a')).toBe('read after')
    await clock.settle()
  })

  test('of a value that cannot become bytes answers, is told, and is kept here for a while', async () => {
    const { here, there, clock } = setup()
    const failures: unknown[] = []
    here.on('write', ({ outcome, error }) => failures.push(outcome, (error as Error).name))
    const value = new Map([['a', 1]])
    expect(await here.getOrLoad('a', () => value, { ttl: '1h' })).toBe(value)
    expect(failures).toEqual(['failed', 'CodecError'])
    expect(await here.get('a')).toBe(value)
    // The lease was given back: nobody waits for a value that will never come.
    expect(await there.getOrLoad('a', () => 'plain')).toBe('plain')
    await clock.advance(5_000)
    expect(await here.get('a')).toBe('plain')
  })
})

describe('a refresh', () => {
  test('that fails is no use of the entry, and is not answered from grace', async () => {
    for (const name of ['alone', 'here', 'there'] as const) {
      const { clock, [name]: cache } = setup()
      const down = (): never => {
        throw new Error('down')
      }
      await cache.set('a', 1, { ttl: '10s', grace: '1m', renewal: 'sliding' })
      await clock.advance(5_000)
      await expect(cache.refresh('a', down)).rejects.toThrow('down')
      await clock.settle()
      expect(await cache.ttl('a'), name).toBe(5_000)
      await clock.advance(5_000)
      await expect(cache.refresh('a', down)).rejects.toThrow('down')
      expect(await cache.getOrLoad('a', down), name).toBe(1)
    }
  })
})
