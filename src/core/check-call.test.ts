import { expect, test } from 'vitest'
import { ArgumentError } from '../contracts/errors.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'

const VALUE = { name: 'x' }
/** As it may come from JavaScript, where no compiler has looked at it. */
const asked = (options: unknown): never => options as never

function setup() {
  const cache = createCache({ name: 'shop', shared: memoryTier() })
  const users = cache.collection<number, { name: string }>('user', {
    store: {
      fencing: 'versioned',
      load: () => VALUE,
      apply: async (writes) => writes.map(() => ({ kind: 'applied' })),
    },
    write: { put: 'through', create: 'through', remove: 'through' },
    version: 2,
  })
  const loadedBy = (options: unknown) =>
    cache.getOrLoad('loaded', (context) => {
      context.options(asked(options))
      return 1
    })
  return { cache, users, loadedBy }
}

type Scene = ReturnType<typeof setup>

/** Every call that takes options. */
const CALLS: readonly [string, (scene: Scene, options: never) => unknown][] = [
  ['get', ({ cache }, options) => cache.get('a', options)],
  ['read', ({ cache }, options) => cache.read('a', options)],
  ['getMany', ({ cache }, options) => cache.getMany(['a'], options)],
  ['peek', ({ cache }, options) => cache.peek('a', options)],
  ['has', ({ cache }, options) => cache.has('a', options)],
  ['set', ({ cache }, options) => cache.set('a', 1, options)],
  ['setMany', ({ cache }, options) => cache.setMany([['a', 1]], options)],
  ['getOrLoad', ({ cache }, options) => cache.getOrLoad('b', () => 1, options)],
  ['readOrLoad', ({ cache }, options) => cache.readOrLoad('b', () => 1, options)],
  ['refresh', ({ cache }, options) => cache.refresh('b', () => 1, options)],
  ['warm', ({ cache }, options) => cache.warm([['a', 1]], options)],
  ['delete', ({ cache }, options) => cache.delete('a', options)],
  ['deleteMany', ({ cache }, options) => cache.deleteMany(['a'], options)],
  ['invalidatePattern', ({ cache }, options) => cache.invalidatePattern('a*', options)],
  ['invalidateTags', ({ cache }, options) => cache.invalidateTags(['t'], options)],
  ['expireTags', ({ cache }, options) => cache.expireTags(['t'], options)],
  ['clear', ({ cache }, options) => cache.clear(options)],
  ['expire', ({ cache }, options) => cache.expire('a', options)],
  ['touch', ({ cache }, options) => cache.touch('a', '1m', options)],
  ['ttl', ({ cache }, options) => cache.ttl('a', options)],
  ['inspect', ({ cache }, options) => cache.inspect('a', options)],
  ['keys', ({ cache }, options) => cache.keys('*', options)[Symbol.asyncIterator]().next()],
  ['batch', ({ cache }, options) => cache.batch((batch) => [batch.get('a')], options)],
  ['lock', ({ cache }, options) => cache.lock('l', options)],
  ['tryLock', ({ cache }, options) => cache.tryLock('l', options)],
  ['waitForUnlock', ({ cache }, options) => cache.waitForUnlock('l', options)],
  ['audit', ({ cache }, options) => cache.audit(options)],
  ['cleanUp', ({ cache }, options) => cache.cleanUp(options)],
  ['removeOldVersions', ({ cache }, options) => cache.removeOldVersions(options)],
  ['setMode', ({ cache }, options) => cache.setMode('on', options)],
  ['ready', ({ cache }, options) => cache.ready(options)],
  ['close', ({ cache }, options) => cache.close(options)],
  [
    'afterCommit',
    ({ cache }, options) =>
      cache.afterCommit(
        { transaction: (work: () => unknown) => work() } as never,
        () => 1 as never,
        options,
      ),
  ],
  ['collection.put', ({ users }, options) => users.put(1, VALUE, options)],
  ['collection.create', ({ users }, options) => users.create(1, VALUE, options)],
  ['collection.remove', ({ users }, options) => users.remove(1, options)],
  ['collection.get', ({ users }, options) => users.get(1, options)],
  ['collection.refresh', ({ users }, options) => users.refresh(1, options)],
  ['collection.warm', ({ users }, options) => users.warm([1], options)],
  ['collection.flush', ({ users }, options) => users.flush(1, options)],
  ['collection.cleanUp', ({ users }, options) => users.cleanUp(options)],
  ['context.options', ({ loadedBy }, options) => loadedBy(options)],
]

test.each(CALLS)(
  '`%s` refuses an option that is misspelt, and what are no options',
  async (_, call) => {
    await using scene = Object.assign(setup(), {
      [Symbol.asyncDispose]: () => scene.cache.close().then(() => {}),
    })
    for (const [options, field] of [
      [{ signall: undefined, tll: '5m' }, /`(context\.options\.)?signall`/],
      [5_000, /options/],
      ['5m', /options/],
      [null, /options/],
      [[], /options/],
    ] as const) {
      // A promise that rejects, and no error thrown while others are started.
      const answer = call(scene, asked(options)) as Promise<unknown>
      await expect(answer).rejects.toThrow(ArgumentError)
      await expect(answer).rejects.toThrow(field)
    }
  },
)

test('what are no pairs are no entries, and nothing is stored', async () => {
  const { cache } = setup()
  for (const wrong of [{ key: 'b', value: 1 }, ['b', 1, 5_000], ['b'], 'b1']) {
    const setting = cache.setMany(asked([['a', 1], wrong]))
    await expect(setting).rejects.toMatchObject({ code: 'argument', field: 'entries[1]' })
  }
  expect(await cache.has('a')).toBe(false)
})

test('a refresh of a plain key without a loader, and a function without options, are refused', async () => {
  const { cache } = setup()
  await expect(cache.refresh('a', asked(undefined))).rejects.toMatchObject({ field: 'load' })
  expect(() => cache.memoize(() => 1, asked(undefined))).toThrow('`options`')
  expect(() => cache.on(asked('hit'), () => {})).toThrow('`type`')
})

test('a life in the place of options is told how it is written, where there can be one', async () => {
  const { cache, users } = setup()
  await expect(cache.set('a', 1, asked(5_000))).rejects.toThrow('{ ttl')
  await expect(users.put(1, VALUE, asked(5_000))).rejects.not.toThrow('{ ttl')
  await expect(users.put(1, VALUE, asked({ ttl: '5m' }))).rejects.toThrow('`ttl`')
})
