import { describe, expect, test } from 'vitest'
import { ArgumentError, ConfigError } from '../contracts/errors.ts'
import type { Store, StoredVersion, StoreOutcome } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} } as const

function setup({ keepsVersions = true } = {}) {
  const clock = new FakeClock()
  const rows = new Map<string, string>()
  const versions = new Map<string, StoredVersion>()
  const scene: { refuses: (key: string) => string | undefined; until: Promise<void> | undefined } =
    {
      refuses: () => undefined,
      until: undefined,
    }
  const base: Store<string, string> = {
    fencing: 'versioned',
    load: (key) => rows.get(key),
    async apply(writes) {
      await scene.until
      return writes.map((write): StoreOutcome => {
        const { key, version = 0n, epoch = '' } = write
        const reason = scene.refuses(key)
        if (reason !== undefined) {
          return { kind: 'failed', error: new Error(reason), retry: 'permanent' }
        }
        const known = versions.get(key)
        if (known !== undefined && known.version > version) {
          return { kind: 'superseded', by: known.version, byEpoch: known.epoch }
        }
        versions.set(key, { version, epoch })
        if (write.kind === 'remove') rows.delete(key)
        else rows.set(key, write.value)
        return { kind: 'applied' }
      })
    },
  }
  const store = keepsVersions
    ? { ...base, versions: async () => versions as ReadonlyMap<string, StoredVersion> }
    : base
  const cache = createCache(
    { name: 'shop', shared: memoryTier({ shards: 3 }), logger: SILENT },
    { clock },
  )
  const write = { put: 'behind', remove: 'behind' } as const
  const things = cache.collection<string, string>('thing', { store, write })
  return { clock, rows, versions, scene, cache, things, queue: things.queue }
}

async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

describe('the state of a write', () => {
  test('goes from queued over inflight to applied', async () => {
    const { clock, scene, things, queue } = setup()
    const { promise, resolve } = Promise.withResolvers<void>()
    scene.until = promise
    const { id = '' } = await things.put('a', 'one')
    expect(await queue.state(id)).toBe('queued')
    await clock.advance(1_500)
    expect(await queue.state(id)).toBe('inflight')
    resolve()
    await clock.advance(10)
    expect(await queue.state(id)).toBe('applied')
  })

  test('is superseded by a later one of its key, that waits or is applied', async () => {
    const { clock, things, queue } = setup()
    const { id: first = '' } = await things.put('a', 'one')
    const { id: second = '' } = await things.remove('a')
    expect([await queue.state(first), await queue.state(second)]).toEqual(['superseded', 'queued'])
    await clock.advance(3_000)
    expect([await queue.state(first), await queue.state(second)]).toEqual(['superseded', 'applied'])
  })

  test('is unknown where nobody says what became of it', async () => {
    const { clock, things, queue, versions } = setup()
    const { id = '' } = await things.put('a', 'one')
    await clock.advance(3_000)
    versions.clear()
    expect(await queue.state(id)).toBe('unknown')
    const without = setup({ keepsVersions: false })
    const { id: other = '' } = await without.things.put('a', 'one')
    await without.clock.advance(3_000)
    expect(await without.queue.state(other)).toBe('unknown')
  })

  test('of any key is known by its receipt', async () => {
    const { things, queue } = setup()
    for (const key of ['', '~', 'a~b.c', '%41', '!41', 'ключ\n', '__proto__', '{x}/y?z#']) {
      const { id = '' } = await things.put(key, 'one')
      expect(encodeURIComponent(id)).toBe(id)
      expect(await queue.state(id)).toBe('queued')
    }
  })

  test.each([
    '',
    '1',
    '1~a.1',
    '1~e.!~thing:s1:a',
    '1~e.1~other:s1:a',
    '1~e.1~!zz',
    '1~e.1~thing:s1:a%',
    7,
    null,
  ])('is refused for %j, which is no id of the collection', async (id) => {
    const { queue } = setup()
    await expect(queue.state(id as string)).rejects.toThrow(ArgumentError)
  })

  test('of a collection that writes nothing behind is a ConfigError', () => {
    const { cache } = setup()
    const plain = cache.collection('plain', { source: () => 1 })
    expect(() => plain.queue).toThrow(ConfigError)
  })
})

describe('a queue', () => {
  test('tells how much waits, and for how long', async () => {
    const { clock, things, queue } = setup()
    const none = { waiting: 0, bytes: 0, oldestMs: 0, deadLetters: 0 }
    expect(await queue.status()).toEqual(none)
    for (const key of ['a', 'b', 'c', 'd']) await things.put(key, 'one')
    await clock.advance(400)
    await things.put('e', 'one')
    const status = await queue.status()
    expect(status).toMatchObject({ waiting: 5, oldestMs: 400, deadLetters: 0 })
    expect(status.bytes).toBeGreaterThan(5 * 'one'.length)
    await clock.advance(5_000)
    expect(await queue.status()).toEqual(none)
  })

  test('has dead letters, that are queued again when what they failed of is mended', async () => {
    const { clock, rows, scene, things, queue } = setup()
    scene.refuses = (key) => (key === 'bad' ? 'no such column' : undefined)
    const { id } = await things.put('bad', 'poison')
    await things.put('good', 'one')
    await clock.advance(3_000)
    expect([...rows.keys()]).toEqual(['good'])
    const letters = await allOf(queue.deadLetters())
    expect(letters).toMatchObject([
      { key: 'bad', kind: 'put', value: 'poison', error: 'Error: no such column', attempts: 1, id },
    ])
    expect(await queue.state(id ?? '')).toBe('dead')
    expect((await queue.status()).deadLetters).toBe(1)
    scene.refuses = () => undefined
    expect(await queue.retry()).toBe(1)
    await clock.advance(1_000)
    expect(rows.get('bad')).toBe('poison')
    expect(await queue.status()).toMatchObject({ waiting: 0, deadLetters: 0 })
  })

  test('forgets dead letters when it is told to, and no others', async () => {
    const { clock, scene, things, queue } = setup()
    scene.refuses = () => 'no'
    for (const key of ['a', 'b', 'c']) await things.put(key, 'one')
    await clock.advance(3_000)
    expect(await queue.drop(['a', 'c', 'never'])).toBe(2)
    expect((await allOf(queue.deadLetters())).map(({ key }) => key)).toEqual(['b'])
    expect(await queue.retry(['a'])).toBe(0)
    expect(await queue.retry(['b'])).toBe(1)
  })

  test('rejects once the cache is closed, or its caller has given up', async () => {
    const { cache, queue } = setup()
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(queue.status({ signal })).rejects.toThrow('enough')
    await cache.close()
    await expect(queue.status()).rejects.toThrow('closed')
  })
})
