import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import type { CollectionOptions } from '../contracts/collection.ts'
import { TierError } from '../contracts/errors.ts'
import type { Store } from '../contracts/source.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

const DOWN: Fault = { kind: 'fail', error: new Error('the server is down') }

/** Two instances over one table; the steps of the first meet `scene.plan`. */
function setup(options: Partial<CollectionOptions<number, string>> = {}, shards = 1) {
  const clock = new FakeClock()
  const tier = memoryTier({ shards })
  const rows = new Map<number, string>([[1, 'old']])
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
  const silent = { level: 'silent', warn: () => {}, error: () => {} }
  const open = (shared: CacheOptions['shared']) =>
    createCache({ name: 'shop', shared, logger: silent, defaults: { jitter: 0 } }, { clock })
  const applying: { before: () => Promise<void> } = { before: () => Promise.resolve() }
  const store: Store<number, string> = {
    fencing: 'unfenced',
    load: (key) => rows.get(key),
    apply: async ([write]) => {
      await applying.before()
      if (write !== undefined && write.kind !== 'remove') rows.set(write.key, write.value)
      return [{ kind: 'applied' }]
    },
  }
  const declared = { store, write: { put: 'through' }, ...options } as const
  const [one, two] = [open(planned), open(tier)]
  const [here, there] = [one.collection('thing', declared), two.collection('thing', declared)]
  const failing = (...operations: string[]): void => {
    scene.plan = (operation) => (operations.includes(operation) ? DOWN : { kind: 'none' })
  }
  return { clock, rows, scene, applying, one, two, here, there, failing }
}

describe('an intent', () => {
  test('keeps the key from others while the source is being written', async () => {
    const { here, there, clock, applying } = setup()
    const gate = Promise.withResolvers<void>()
    applying.before = () => gate.promise
    expect(await there.get(1)).toBe('old')
    const writing = here.put(1, 'new')
    await clock.settle()
    expect(await there.peek(1)).toBeUndefined()
    expect(await there.get(1)).toBe('old')
    expect(await there.peek(1)).toBeUndefined()
    gate.resolve()
    await writing
    expect(await there.get(1)).toBe('new')
  })

  test('ends by itself where its writer has died, two seconds after the time of the write', async () => {
    const { here, there, one, two, clock, applying } = setup({ timeouts: { hard: '3s' } })
    applying.before = () => new Promise(() => {})
    await two.set('list', 'of old things', { tags: ['list'] })
    here.put(1, 'new', { invalidateTags: ['list'] }).catch(() => {})
    await clock.settle()
    void one.close()
    await clock.advance(4_900)
    expect(await there.get(1)).toBe('old')
    expect(await there.peek(1)).toBeUndefined()
    expect(await two.get('list')).toBe('of old things')
    await clock.advance(600)
    expect(await there.get(1)).toBe('old')
    expect(await there.peek(1)).toBe('old')
    expect(await two.get('list')).toBeUndefined()
  })

  test('removes the tags of the write, here at once and elsewhere with its end', async () => {
    const { here, one, two, clock } = setup()
    await one.set('list', 1, { tags: ['list'] })
    expect(await two.get('list')).toBe(1)
    await here.put(1, 'new', { invalidateTags: ['list'] })
    expect(await one.get('list')).toBeUndefined()
    await clock.settle()
    expect(await two.get('list')).toBeUndefined()
  })
})

describe('the intent of a write with tags, in a tier of several shards,', () => {
  /** A plain key in each of four shards, all with the tag of a list. */
  async function several(options: Partial<CollectionOptions<number, string>> = {}) {
    const scenario = setup(options, 4)
    const keys = Array.from({ length: 20 }, (_, i) => `list ${i}`)
    await scenario.two.setMany(
      keys.map((key) => [key, 1]),
      { tags: ['list'] },
    )
    const left = async (): Promise<number> => (await scenario.two.getMany(keys)).size
    return { ...scenario, keys, left }
  }

  test('removes the tags in all of them', async () => {
    const { here, left, clock } = await several()
    const receipt = await here.put(1, 'new', { invalidateTags: ['list'] })
    expect(receipt).toMatchObject({ protected: true })
    expect(receipt.version.split('~')).toHaveLength(5)
    await clock.settle()
    expect(await left()).toBe(0)
  })

  test('removes them also where the writer has died', async () => {
    const { here, one, left, clock, applying } = await several({ timeouts: { hard: '3s' } })
    applying.before = () => new Promise(() => {})
    here.put(1, 'new', { invalidateTags: ['list'] }).catch(() => {})
    await clock.settle()
    void one.close()
    await clock.advance(4_900)
    expect(await left()).toBe(20)
    await clock.advance(600)
    expect(await left()).toBe(0)
  })

  test('is not protected where one of them does not answer, and the tags are told later', async () => {
    const { here, left, clock, failing, rows } = await several()
    failing('endIntent', 'invalidate')
    const receipt = await here.put(1, 'new', { invalidateTags: ['list'] })
    expect(receipt).toEqual({ protected: false, version: '1~source' })
    expect(rows.get(1)).toBe('new')
    failing()
    await clock.advance(3_000)
    expect(await left()).toBe(0)
  })

  test('stands in the shard of the key alone where there are no tags', async () => {
    const { here } = await several()
    const { version } = await here.put(1, 'new')
    expect(version.split('~')).toHaveLength(2)
    expect(await here.read(1)).toMatchObject({ tier: 'memory', value: 'new' })
  })
})

describe('a write whose key the tier cannot be asked about', () => {
  test('is carried out, is not protected, leaves nothing, and is told later', async () => {
    const { here, there, one, two, rows, clock, failing } = setup()
    expect([await here.get(1), await there.get(1)]).toEqual(['old', 'old'])
    await two.set('list', 1, { tags: ['list'] })
    failing('beginIntent', 'endIntent', 'invalidate')
    const receipt = await here.put(1, 'new', { invalidateTags: ['list'] })
    expect(receipt).toEqual({ protected: false, version: '1~source' })
    expect(rows.get(1)).toBe('new')
    expect(await here.get(1)).toBe('new')
    expect(await here.get(1, { read: 'memory' })).toBeUndefined()
    expect(await one.get('list')).toBeUndefined()
    expect(await there.get(1)).toBe('old')
    failing()
    await clock.advance(3_000)
    expect(await there.get(1)).toBe('new')
    expect(await two.get('list')).toBeUndefined()
  })

  test('at its begin alone is not protected, and its end removes', async () => {
    const { here, there, clock, failing } = setup()
    expect(await there.get(1)).toBe('old')
    failing('beginIntent')
    expect(await here.put(1, 'new')).toMatchObject({ protected: false })
    await clock.settle()
    expect([await here.peek(1), await there.peek(1)]).toEqual([undefined, undefined])
    expect(await there.get(1)).toBe('new')
  })

  test('at its end alone is not protected, and its key is removed later', async () => {
    const { here, there, clock, failing } = setup()
    failing('endIntent')
    expect(await here.put(1, 'new')).toMatchObject({ protected: false, version: '1~source' })
    expect(await here.get(1, { read: 'memory' })).toBeUndefined()
    await clock.advance(8_000)
    expect(await there.get(1)).toBe('new')
    expect(await there.peek(1)).toBe('new')
  })

  test('at its end is removed late, also where its value was set after all', async () => {
    const { here, there, clock, scene } = setup()
    scene.plan = (operation) => (operation === 'endIntent' ? { kind: 'lost' } : { kind: 'none' })
    const writing = here.put(1, 'new')
    await clock.advance(200)
    expect(await writing).toMatchObject({ protected: false })
    expect(await here.get(1, { read: 'memory' })).toBeUndefined()
    await clock.advance(1_000)
    expect(await there.peek(1)).toBeUndefined()
  })
})

describe("a write that is not to be unprotected, by `whenUnprotected: 'reject'`,", () => {
  test('rejects where the tier does not answer, and writes nothing', async () => {
    const { here, there, rows, clock, failing, scene } = setup({ whenUnprotected: 'reject' })
    failing('beginIntent')
    const writing = here.put(1, 'new')
    await expect(writing).rejects.toThrow(TierError)
    await expect(writing).rejects.toMatchObject({ code: 'tier' })
    expect(rows.get(1)).toBe('old')
    await clock.settle()
    expect(scene.asked.filter((operation) => operation === 'endIntent')).toHaveLength(1)
    expect(await there.get(1)).toBe('old')
    failing()
    expect(await here.put(1, 'new')).toMatchObject({ protected: true })
  })

  test('rejects where the answer is lost, and leaves no intent behind that keeps others away', async () => {
    const { here, there, rows, clock, scene } = setup({ whenUnprotected: 'reject' })
    scene.plan = (operation) => (operation === 'beginIntent' ? { kind: 'lost' } : { kind: 'none' })
    const writing = here.put(1, 'new')
    writing.catch(() => {})
    await clock.advance(200)
    await expect(writing).rejects.toThrow(TierError)
    expect(rows.get(1)).toBe('old')
    expect(await there.get(1)).toBe('old')
    expect(await there.peek(1)).toBe('old')
  })

  test('needs no protection where there is no shared tier', async () => {
    const cache = createCache({ name: 'shop' }, { clock: new FakeClock() })
    const things = cache.collection<number, string>('thing', {
      store: { fencing: 'unfenced', load: () => 'row', apply: async () => [{ kind: 'applied' }] },
      whenUnprotected: 'reject',
    })
    expect(await things.put(1, 'x')).toMatchObject({ protected: true })
  })
})
