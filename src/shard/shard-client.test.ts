import { describe, expect, test } from 'vitest'
import { ArgumentError, TierError } from '../contracts/errors.ts'
import type { SharedKey, SharedTierContext, SharedValue } from '../contracts/shared-tier.ts'
import { shardOf } from '../keys/key-place.ts'
import { MemoryLink, openMemory } from '../memory/shared-memory-tier-link.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { answersOf } from '../testing/shared-steps.ts'
import { ShardClient } from './shard-client.ts'
import type { ShardLink } from './shard-link.ts'

const SHARDS = 3

/** What becomes of a request on its way; `fail`: it never arrives, `lose`: its answer never does. */
type Fate = 'pass' | 'fail' | 'lose' | 'double' | 'late'

/** Clients of one memory. `fateOf` decides of each request of a client; those that are late wait. */
function setup() {
  const memory = openMemory(10_000_000, SHARDS)
  const clock = new FakeClock()
  const random = new SeededRandom(1)
  const open = (fateOf: (step: string, shard: number) => Fate = () => 'pass') => {
    const context: SharedTierContext = {
      name: 'shop',
      instance: 'desk',
      clock,
      random,
      report() {},
    }
    const late: (() => void)[] = []
    const sent: string[] = []
    const link = wayward(new MemoryLink(memory, context), { fateOf, late, sent })
    const client = new ShardClient({ link, clock, tier: 'memory', session: random.id() })
    return { client, sent, arrive: () => late.splice(0).map((call) => call()) }
  }
  return { open, random, clock }
}

function wayward(
  link: ShardLink,
  way: {
    readonly fateOf: (step: string, shard: number) => Fate
    readonly late: (() => void)[]
    readonly sent: string[]
  },
): ShardLink {
  return new Proxy(link, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== 'function') return member
      return async (...input: unknown[]): Promise<unknown> => {
        const carryOut = (): Promise<unknown> => member.apply(target, input)
        const step = String(property)
        const [shard] = input
        way.sent.push(`${step} ${typeof shard === 'number' ? shard : '-'}`)
        switch (way.fateOf(step, Number(shard))) {
          case 'fail':
            throw new TierError('memory', 'The request was lost.')
          case 'lose':
            await carryOut()
            throw new TierError('memory', 'The answer was lost.')
          case 'double':
            await carryOut()
            return await carryOut()
          case 'late':
            way.late.push(() => void carryOut())
            throw new TierError('memory', 'The request takes too long.')
          default:
            return await carryOut()
        }
      }
    },
  })
}

/** One key in each shard. */
const KEYS: readonly SharedKey[] = Array.from({ length: SHARDS }, (_, shard) => {
  for (let index = 0; ; index += 1) {
    const key = { id: `k${index}`, collection: '' }
    if (shardOf(key, SHARDS) === shard) return key
  }
})

function value(key: SharedKey, tags: readonly string[] = []): SharedValue {
  return { ...key, envelope: new Uint8Array(1), ttlMs: 60_000, graceMs: 0, tags }
}

async function present(client: ShardClient): Promise<readonly boolean[]> {
  return answersOf(await client.read(KEYS)).map(({ entry }) => entry !== undefined)
}

describe('ShardClient', () => {
  test('a batch over several shards is answered in order, each by the moment of its shard', async () => {
    const { client } = setup().open()
    const mixed = [2, 0, 1, 0, 2].flatMap((shard) => KEYS[shard] ?? [])
    const answers = answersOf(await client.set(mixed.map((key) => value(key))))
    expect(answers.map(({ shard }) => shard)).toEqual([2, 0, 1, 0, 2])
    const readings = answersOf(await client.read(mixed))
    expect(readings.map(({ shard }) => shard)).toEqual([2, 0, 1, 0, 2])
    expect(readings.every(({ entry }) => entry !== undefined)).toBe(true)
    expect(mixed.map((key) => client.place(key).shard)).toEqual([2, 0, 1, 0, 2])
  })

  test('keys of one pin live in one shard, whatever their ids', async () => {
    const { client } = setup().open()
    const pinned = KEYS.map((key) => ({ ...key, pin: 'together' }))
    const shards = new Set(pinned.map((key) => client.place(key).shard))
    expect(shards.size).toBe(1)
    const operations = pinned.map((key) => ({ op: 'set', value: value(key) }) as const)
    expect((await client.atomic(operations)).kind).toBe('done')
  })

  test('a batch that is to be atomic is refused where its keys live in several shards', async () => {
    const { client, sent } = setup().open()
    const operations = KEYS.map((key) => ({ op: 'read', key }) as const)
    await expect(client.atomic(operations)).rejects.toThrow(ArgumentError)
    expect(sent).toEqual([])
  })

  test('where one shard cannot be asked, its places hold the error, and the others their answers', async () => {
    const { client } = setup().open((_, shard) => (shard === 1 ? 'fail' : 'pass'))
    const answers = await client.set(KEYS.map((key) => value(key)))
    expect(answers.map((answer) => answer instanceof TierError)).toEqual([false, true, false])
    expect(await present(client)).toEqual([true, false, true])
    const requests = KEYS.map((key) => ({ ...key, token: 't' }))
    const claims = await client.claim(requests, { leaseMs: 1_000 })
    expect(claims.map((claim) => claim instanceof TierError)).toEqual([false, true, false])
  })

  test('where no shard can be asked, the step rejects', async () => {
    const { client } = setup().open(() => 'fail')
    await expect(client.set(KEYS.map((key) => value(key)))).rejects.toThrow(TierError)
    await expect(client.release(KEYS.map((key) => ({ ...key, token: 't' })))).rejects.toThrow(
      TierError,
    )
  })

  test('a removal that one shard has not confirmed rejects, after the others have carried it out', async () => {
    const scene = setup()
    const { client: other } = scene.open()
    const { client } = scene.open((step, shard) =>
      step === 'invalidate' && shard === 0 ? 'fail' : 'pass',
    )
    const removals = [
      { kind: 'clear' },
      { kind: 'collection', collection: '' },
      { kind: 'tags', tags: ['t'], match: 'any', mode: 'delete' },
      { kind: 'keys', keys: KEYS, mode: 'delete' },
    ] as const
    for (const what of removals) {
      await other.set(KEYS.map((key) => value(key, ['t'])))
      await expect(client.invalidate(what)).rejects.toThrow(TierError)
      expect(await present(other)).toEqual([true, false, false])
    }
  })

  test('a removal of many keys answers with the moments of all shards', async () => {
    const { client } = setup().open()
    const { moments, found } = await client.invalidate({ kind: 'clear' })
    expect(moments.map(({ shard }) => shard)).toEqual([0, 1, 2])
    expect(found).toEqual([])
    const one = await client.invalidate({ kind: 'keys', keys: KEYS.slice(1, 2), mode: 'delete' })
    expect(one.moments.map(({ shard }) => shard)).toEqual([1])
  })

  test('a pattern that is none is refused before anything is sent', async () => {
    const { client, sent } = setup().open()
    const what = { kind: 'pattern', collection: '', pattern: '[' } as const
    await expect(client.invalidate(what)).rejects.toThrow(ArgumentError)
    expect(sent).toEqual([])
  })

  test('nothing is sent again because an answer was lost', async () => {
    const { client, sent } = setup().open(() => 'lose')
    await expect(client.set([value(KEYS[0] as SharedKey)])).rejects.toThrow('answer was lost')
    await expect(client.invalidate({ kind: 'clear' })).rejects.toThrow('answer was lost')
    expect(sent).toEqual(['set 0', 'invalidate 0', 'invalidate 1', 'invalidate 2'])
  })

  test('the first set asks twice, since the epoch is learned from the answer, and then once', async () => {
    const { client, sent } = setup().open()
    const [key] = KEYS as [SharedKey]
    await client.set([value(key)])
    await client.set([value(key)])
    await client.beginIntent([{ ...key, token: 't', deadlineMs: 1_000, tags: [] }])
    expect(sent).toEqual(['set 0', 'set 0', 'set 0', 'beginIntent 0'])
  })

  test('a removal that a double of itself has overtaken is issued anew, at most five times', async () => {
    let fate: Fate = 'double'
    const { client, sent } = setup().open(() => fate)
    const [key] = KEYS as [SharedKey]
    const what = { kind: 'keys', keys: [key], mode: 'delete' } as const
    await expect(client.invalidate(what)).rejects.toThrow('later step')
    expect(sent).toEqual(Array.from({ length: 5 }, () => 'invalidate 0'))
    fate = 'pass'
    await client.invalidate(what)
  })

  test('a set that arrives after its successor overwrites nothing', async () => {
    let fate: Fate = 'pass'
    const { client, arrive } = setup().open(() => fate)
    const [key] = KEYS as [SharedKey]
    await client.set([value(key)])
    fate = 'late'
    await expect(client.set([value(key)])).rejects.toThrow('takes too long')
    fate = 'pass'
    await client.invalidate({ kind: 'keys', keys: [key], mode: 'delete' })
    arrive()
    expect(await present(client)).toEqual([false, false, false])
  })

  test('a set that was on its way for longer than its caller could wait stores nothing', async () => {
    const scene = setup()
    let fate: Fate = 'pass'
    const { client, arrive } = scene.open(() => fate)
    const [key] = KEYS as [SharedKey]
    await client.set([value(key)])
    await client.invalidate({ kind: 'keys', keys: [key], mode: 'delete' })
    fate = 'late'
    await expect(client.set([value(key)])).rejects.toThrow('takes too long')
    await scene.clock.advance(1_001)
    arrive()
    fate = 'pass'
    expect(await present(client)).toEqual([false, false, false])
    // Time alone is no reason: the next one knows the server's time again.
    await scene.clock.advance(5_000)
    await client.set([value(key)])
    expect(await present(client)).toEqual([true, false, false])
  })

  test('over a way that loses, doubles and delays, what was removed and confirmed stays removed', async () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const scene = setup()
      const random = new SeededRandom(seed)
      const fates: readonly Fate[] = ['pass', 'pass', 'fail', 'lose', 'double', 'late']
      const { client, arrive } = scene.open(() => random.pick(fates))
      const [key] = KEYS as [SharedKey]
      for (let turn = 0; turn < 30; turn += 1) {
        await client.set([value(key)]).catch(() => {})
        const what = { kind: 'keys', keys: [key], mode: 'delete' } as const
        const removed = await client.invalidate(what).then(
          () => true,
          () => false,
        )
        if (random.below(3) === 0) arrive()
        const { client: reader } = scene.open()
        if (removed) expect(await present(reader)).toEqual([false, false, false])
      }
    }
  })
})
