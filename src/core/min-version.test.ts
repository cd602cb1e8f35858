import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import { ClosedError } from '../contracts/errors.ts'
import type { VersionToken } from '../contracts/options.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** Two instances over one table; `reader` hears no signals, and `scene.failing` fails for it. */
function setup({ shards = 1 } = {}) {
  const clock = new FakeClock()
  const tier = memoryTier({ shards })
  const scene = { failing: ['signal'], slowMs: 0, asked: [] as string[], loads: 0 }
  const planned = chaosTier(
    tier,
    (operation) => {
      scene.asked.push(operation)
      if (operation === 'follow' && scene.slowMs > 0) return { kind: 'delay', ms: scene.slowMs }
      return scene.failing.includes(operation)
        ? { kind: 'fail', error: new Error('no way to it') }
        : { kind: 'none' }
    },
    clock,
  )
  const silent = { level: 'silent', warn: () => {}, error: () => {} }
  const open = (shared?: CacheOptions['shared']) =>
    createCache(
      { name: 'shop', ...(shared && { shared }), logger: silent, defaults: { jitter: 0 } },
      { clock },
    )
  const rows = new Map([[1, 'old']])
  const source = (key: number): string | undefined => {
    scene.loads += 1
    return rows.get(key)
  }
  const collect = (cache: ReturnType<typeof open>) => cache.collection('thing', { source })
  const [writer, reader, alone] = [open(tier), open(planned), open()]
  const [there, here] = [collect(writer), collect(reader)]
  return { clock, scene, rows, writer, reader, alone, there, here, aloneThings: collect(alone) }
}

describe('a read with a version', () => {
  test('sees that change, although nothing has told this process of it', async () => {
    const { writer, reader, scene } = setup()
    await writer.set('a', 'old')
    expect(await reader.get('a')).toBe('old')
    const minVersion = await writer.set('a', 'new')
    expect(await reader.get('a')).toBe('old')
    scene.asked = []
    expect(await reader.read('a', { minVersion })).toMatchObject({ tier: 'shared', value: 'new' })
    expect(scene.asked).toContain('follow')
  })

  test('asks nobody where that change is known here already', async () => {
    const { writer, reader, scene } = setup()
    scene.failing = []
    const minVersion = await writer.set('a', 'new')
    expect(await reader.get('a', { minVersion })).toBe('new')
    scene.asked = []
    expect(await reader.get('a', { minVersion })).toBe('new')
    expect(scene.asked).toEqual([])
  })

  test('is given up by whoever gives it up while the change is caught up with, and loads nothing', async () => {
    const { there, here, scene, clock } = setup()
    await here.get(1)
    const { version: minVersion } = await there.delete(1)
    scene.slowMs = 150
    scene.loads = 0
    const control = new AbortController()
    const reading = here.get(1, { minVersion, signal: control.signal })
    const left = expect(reading).rejects.toThrow('left')
    await clock.advance(10)
    control.abort(new Error('left'))
    await left
    await clock.advance(1_000)
    expect(scene.loads).toBe(0)
  })

  test('ends with the cache while the change is caught up with, and loads nothing', async () => {
    const { there, here, reader, scene, clock } = setup()
    await here.get(1)
    const { version: minVersion } = await there.delete(1)
    scene.slowMs = 150
    scene.loads = 0
    const over = expect(here.get(1, { minVersion })).rejects.toThrow(ClosedError)
    await clock.advance(10)
    const closed = reader.close()
    await clock.advance(1_000)
    await over
    await closed
    expect(scene.loads).toBe(0)
  })

  test('leaves half of its time to the source', async () => {
    const { there, here, rows, scene, clock } = setup()
    await here.get(1)
    rows.set(1, 'new')
    const { version: minVersion } = await there.delete(1)
    scene.slowMs = 190
    const began = clock.monotonic()
    const reading = here.get(1, { minVersion, timeouts: { hard: 100 } })
    await clock.advance(60)
    expect(await reading).toBe('new')
    expect(clock.monotonic() - began).toBeLessThanOrEqual(60)
  })

  test('sees a removal as well as a value', async () => {
    const { there, here, rows } = setup()
    expect(await here.get(1)).toBe('old')
    rows.set(1, 'new')
    const { version: minVersion } = await there.delete(1)
    expect(await here.get(1)).toBe('old')
    expect(await here.get(1, { minVersion })).toBe('new')
    expect(await here.get(1)).toBe('new')
  })

  test('of a change in another shard asks for nothing', async () => {
    const { writer, reader, scene } = setup({ shards: 64 })
    await reader.get('a')
    const versions: VersionToken[] = []
    for (let i = 0; i < 5; i += 1) versions.push(await writer.set(`key ${i}`, 1))
    scene.asked = []
    for (const minVersion of versions) await reader.get('a', { minVersion })
    expect(scene.asked).not.toContain('follow')
  })

  test('loads past all tiers where this process cannot catch up, and keeps neither that nor what was older', async () => {
    const { there, here, rows, scene } = setup()
    expect(await here.get(1)).toBe('old')
    rows.set(1, 'new')
    const { version: minVersion } = await there.delete(1)
    scene.failing = ['signal', 'follow']
    scene.loads = 0
    expect(await here.read(1, { minVersion })).toMatchObject({ tier: 'source', value: 'new' })
    expect(await here.get(1, { minVersion })).toBe('new')
    expect(scene.loads).toBe(2)
    expect(await here.read(1, { read: 'memory' })).toEqual({ found: false, tier: 'memory' })
  })

  test('of another epoch loads past all tiers', async () => {
    const { here, rows, scene } = setup()
    await here.get(1)
    rows.set(1, 'new')
    const minVersion = '1~0.elsewhere.5' as VersionToken
    expect(await here.read(1, { minVersion })).toMatchObject({ tier: 'source', value: 'new' })
    expect(scene.asked).toContain('follow')
  })

  test('that nobody numbered loads past all tiers', async () => {
    const { here, rows } = setup()
    await here.get(1)
    rows.set(1, 'new')
    const minVersion = '1~source' as VersionToken
    expect(await here.get(1, { minVersion })).toBe('new')
    expect(await here.read(1, { minVersion, read: 'source' })).toMatchObject({ value: 'new' })
  })

  test('finds nothing where it cannot be seen and nothing may be loaded', async () => {
    const { reader, here } = setup()
    await reader.set('a', 1)
    await here.get(1)
    const minVersion = '1~source' as VersionToken
    expect(await reader.read('a', { minVersion })).toEqual({ found: false, tier: 'shared' })
    for (const read of ['memory', 'shared'] as const) {
      expect(await here.read(1, { minVersion, read })).toEqual({ found: false, tier: read })
    }
    expect(await here.peek(1, { minVersion })).toBeUndefined()
  })

  test('is answered by this process where there is no shared tier', async () => {
    const { aloneThings, rows } = setup()
    await aloneThings.get(1)
    rows.set(1, 'new')
    const { version: minVersion } = await aloneThings.delete(1)
    expect(await aloneThings.get(1, { minVersion })).toBe('new')
    expect(await aloneThings.get(1, { minVersion: '1~source' as VersionToken })).toBe('new')
  })

  test('that is none is refused', async () => {
    const { reader } = setup()
    const reading = reader.get('a', { minVersion: 'nonsense' as VersionToken })
    await expect(reading).rejects.toMatchObject({ field: 'minVersion', code: 'argument' })
  })

  test('joins no load that began before it, and one that began after it', async () => {
    const { there, here, reader, rows, clock, scene } = setup()
    const gates: PromiseWithResolvers<string>[] = []
    const slow = reader.collection<number, string>('slow', {
      source: () => {
        const gate = Promise.withResolvers<string>()
        gates.push(gate)
        return gate.promise
      },
    })
    const before = slow.get(1)
    await clock.settle()
    rows.set(1, 'new')
    const { version: minVersion } = await there.delete(1)
    const [one, two] = [slow.get(1, { minVersion }), slow.get(1, { minVersion })]
    await clock.advance(2_600)
    expect(gates).toHaveLength(2)
    gates[0]?.resolve('read before')
    gates[1]?.resolve('read after')
    expect(await before).toBe('read before')
    expect(await Promise.all([one, two])).toEqual(['read after', 'read after'])
    expect(scene.failing).toEqual(['signal'])
    expect(await here.get(1)).toBe('new')
  })
})
