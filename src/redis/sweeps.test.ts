import { describe, expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import { until } from '../../test/servers/until.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import { sharedValue } from '../testing/shared-steps.ts'
import { KeyNames } from './key-names.ts'

const names = new KeyNames({ name: 'suite', shards: 1, stream: undefined, cluster: false })
const idOf = (key: string): string => encodeKey('product', key).id

/** Products in two groups, on a server that holds much else. */
async function setup(count: number) {
  const scene = await redisScene()
  const tier = await scene.steps()
  const keys = Array.from({ length: count }, (_, at) => `${at % 2 === 0 ? 'even' : 'odd'}-${at}`)
  const values = keys.map((key) => sharedValue(idOf(key), key, { collection: 'product' }))
  await tier.session.set(values)
  await scene.server.call('EVAL', "for i = 1, 3000 do redis.call('SET', 'other:' .. i, i) end", 0)
  const left = async (pattern: string): Promise<number> => {
    const found = await scene.server.call('KEYS', names.pattern(0, '').replace(/\*$/, pattern))
    return Array.isArray(found) ? found.length : -1
  }
  return { ...scene, tier, left }
}

describe('the sweep of a pattern', () => {
  test('removes what it matches slice by slice, and nothing else', async () => {
    await using scene = await setup(1_000)
    const { tier, left } = scene
    await tier.session.beginIntent([
      { id: idOf('even-0'), collection: 'product', token: 'w', deadlineMs: 60_000, tags: [] },
    ])
    const [moment] = (
      await tier.session.invalidate({ kind: 'pattern', collection: 'product', pattern: 'even-*' })
    ).moments
    const number = moment?.sequence ?? 0
    const later = sharedValue(idOf('even-2'), 'later', { collection: 'product' })
    await tier.session.set([later])
    let slices = 1
    while (!(await tier.session.sweepPattern(0, number))) slices += 1
    expect(slices).toBeGreaterThan(2)
    expect(await left('*odd-*')).toBe(500)
    // The write that is under way, and what was set after the pattern.
    expect(await left('*even-*')).toBe(2)
    expect(await tier.session.sweepPattern(0, number)).toBe(true)
  })

  test('may be finished by another process', async () => {
    await using scene = await setup(1_000)
    const { tier, left } = scene
    const { moments } = await tier.session.invalidate({
      kind: 'pattern',
      collection: 'product',
      pattern: '*',
    })
    const number = moments[0]?.sequence ?? 0
    await tier.session.sweepPattern(0, number)
    const other = await scene.steps()
    const found = (await other.follow()).changes.filter(({ kind }) => kind === 'pattern')
    expect(found).toMatchObject([{ active: true, number, pattern: '*' }])
    while (!(await other.session.sweepPattern(0, number))) await other.sequence()
    expect(await left('*')).toBe(0)
    const ended = (await other.follow()).changes.filter(({ kind }) => kind === 'pattern')
    expect(ended).toMatchObject([{ active: false, number, pattern: '*' }])
  })
})

describe('what nobody is served any more', () => {
  test.each([{ kind: 'clear' }, { kind: 'collection', collection: 'product' }] as const)(
    'leaves the server in the background after $kind',
    async (what) => {
      await using scene = await setup(500)
      const { tier, left } = scene
      await tier.set('other', 'stays unless all is cleared')
      await tier.session.invalidate(what)
      await tier.session.set([sharedValue(idOf('later'), 'later', { collection: 'product' })])
      await until('only what was set later is left', async () => (await left('product:*')) === 1)
      expect(await left('other')).toBe(what.kind === 'clear' ? 0 : 1)
      expect(await tier.text(idOf('later'))).toBe('later')
      expect(await scene.server.call('EXISTS', 'other:1')).toBe(1)
    },
  )
})
