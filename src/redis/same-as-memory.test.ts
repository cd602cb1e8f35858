import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redisScene } from '../../test/contract/redis-scene.ts'
import type {
  FollowAnswer,
  Hint,
  Invalidation,
  RemovalMode,
  SharedKey,
  SharedSession,
} from '../contracts/shared-tier.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import { memoryTier, SystemClock, SystemRandom } from '../memory/index.ts'

/** What both tiers are asked, one after the other. */
type Action =
  | { readonly do: 'set'; readonly key: number; readonly tags: readonly string[] }
  | {
      readonly do: 'claim'
      readonly key: number
      readonly token: string
      readonly refresh: boolean
    }
  | {
      readonly do: 'fill'
      readonly key: number
      readonly token: string
      readonly tags: readonly string[]
    }
  | { readonly do: 'release'; readonly key: number; readonly token: string }
  | {
      readonly do: 'begin'
      readonly key: number
      readonly token: string
      readonly tags: readonly string[]
    }
  | {
      readonly do: 'end'
      readonly key: number
      readonly token: string
      readonly tags: readonly string[]
      readonly value: boolean
    }
  | { readonly do: 'keys'; readonly keys: readonly number[]; readonly mode: RemovalMode }
  | { readonly do: 'many'; readonly what: Invalidation }
  | { readonly do: 'sweep' }
  | {
      readonly do: 'batch'
      readonly key: number
      readonly other: number
      readonly op: 'delete' | 'touch'
    }

const keys: readonly SharedKey[] = ['ab', 'ac', 'b', 'bb'].map((key, at) =>
  encodeKey(at < 3 ? 'product' : '', key),
)
const keyAt = (at: number): SharedKey => keys[at] as SharedKey

const key = fc.nat({ max: keys.length - 1 })
const tags = fc.subarray(['red', 'blue', 'green'])
const token = fc.constantFrom('one', 'two')
const mode = fc.constantFrom<RemovalMode>('delete', 'expire')
const many: fc.Arbitrary<Invalidation> = fc.oneof(
  fc.record({ kind: fc.constant('tags' as const), tags, match: fc.constant('any' as const), mode }),
  fc.record({
    kind: fc.constant('tags' as const),
    tags: fc.subarray(['red', 'blue', 'green'], { minLength: 2 }),
    match: fc.constant('all' as const),
    mode: fc.constant('delete' as const),
  }),
  fc.record({
    kind: fc.constant('pattern' as const),
    collection: fc.constantFrom('product', ''),
    pattern: fc.constantFrom('a*', '?b', '[bc]', '*', 'ab'),
  }),
  fc.record({
    kind: fc.constant('collection' as const),
    collection: fc.constantFrom('product', ''),
  }),
  fc.constant({ kind: 'clear' as const }),
)
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), key, tags }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('claim' as const), key, token, refresh: fc.boolean() }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('fill' as const), key, token, tags }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), key, token }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('begin' as const), key, token, tags }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      key,
      token,
      tags,
      value: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('keys' as const),
      keys: fc.uniqueArray(key, { minLength: 1 }),
      mode,
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('many' as const), what: many }) },
  { weight: 1, arbitrary: fc.constant({ do: 'sweep' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('batch' as const),
      key,
      other: key,
      op: fc.constantFrom('delete' as const, 'touch' as const),
    }),
  },
)

const LIFE = { ttlMs: 60_000, graceMs: 60_000 }

/** One tier as a person sees it: what came of each action, without numbers and times. */
class Player {
  readonly #session: SharedSession
  readonly #grants = new Map<string, { readonly grant: number; readonly epoch: string }>()
  readonly #begun = new Map<string, { readonly number: number; readonly epoch: string }>()
  #patterns: number[] = []
  #written = 0

  constructor(session: SharedSession) {
    this.#session = session
  }

  async play(it: Action): Promise<unknown> {
    switch (it.do) {
      case 'set':
        return kindsOf(await this.#session.set([{ ...this.#value(it.key, it.tags) }]))
      case 'claim':
        return await this.#claim(it)
      case 'fill':
        return await this.#fill(it)
      case 'release':
        return await this.#session.release([{ ...keyAt(it.key), token: it.token }])
      case 'begin':
        return await this.#begin(it)
      case 'end':
        return await this.#end(it)
      case 'keys':
        return (
          await this.#session.invalidate({ kind: 'keys', keys: it.keys.map(keyAt), mode: it.mode })
        ).found
      case 'many': {
        const { moments } = await this.#session.invalidate(it.what)
        if (it.what.kind === 'pattern') this.#patterns.push(moments[0]?.sequence ?? 0)
        return moments.length
      }
      case 'sweep': {
        for (const number of this.#patterns) {
          while (!(await this.#session.sweepPattern(0, number)));
        }
        this.#patterns = []
        return await this.#changes()
      }
      case 'batch':
        return await this.#batch(it)
      default:
        return it satisfies never
    }
  }

  /** What a follower learns, without its numbers. */
  async #changes(): Promise<unknown> {
    const changes: FollowAnswer['changes'][number][] = []
    const asked = { shard: 0, epoch: undefined, cursor: 0, beat: false }
    changes.push(...(await this.#session.follow(asked)).changes)
    return changes.map(({ number, ...change }) => JSON.stringify(change)).sort()
  }

  async #claim({ key: at, token, refresh }: Extract<Action, { do: 'claim' }>): Promise<unknown> {
    const request = { ...keyAt(at), token, leftMs: refresh ? Number.POSITIVE_INFINITY : 0 }
    const [answer] = await this.#session.claim([request], { leaseMs: 60_000 })
    if (answer === undefined || !('kind' in answer)) return answer
    if (answer.kind === 'granted') this.#grants.set(`${at} ${token}`, answer)
    if (answer.kind === 'writing' || answer.entry === undefined) return answer.kind
    const isFresh = answer.serverNow < answer.entry.freshUntil
    return [answer.kind, Buffer.from(answer.entry.envelope).toString(), isFresh]
  }

  async #fill({
    key: at,
    token,
    tags: carried,
  }: Extract<Action, { do: 'fill' }>): Promise<unknown> {
    const lease = this.#grants.get(`${at} ${token}`)
    if (lease === undefined) return 'no lease'
    const { grant, epoch } = lease
    return kindsOf(await this.#session.fill([{ ...this.#value(at, carried), token, grant, epoch }]))
  }

  async #begin({ key: at, token, tags: gone }: Extract<Action, { do: 'begin' }>): Promise<unknown> {
    const request = { ...keyAt(at), token, deadlineMs: 60_000, tags: gone }
    const [moment] = await this.#session.beginIntent([request])
    if (moment === undefined || !('epoch' in moment)) return moment
    this.#begun.set(`${at} ${token}`, { epoch: moment.epoch, number: moment.sequence })
    return 'begun'
  }

  async #end({
    key: at,
    token,
    tags: gone,
    value,
  }: Extract<Action, { do: 'end' }>): Promise<unknown> {
    const { envelope } = this.#value(at, [])
    const request = {
      ...keyAt(at),
      token,
      tags: gone,
      begun: this.#begun.get(`${at} ${token}`),
      ...(value ? { value: { envelope, ...LIFE, valueTags: ['green'] } } : {}),
    }
    return kindsOf(await this.#session.endIntent([request]))
  }

  async #batch({ key: at, other, op }: Extract<Action, { do: 'batch' }>): Promise<unknown> {
    const second =
      op === 'delete'
        ? ({ op, key: keyAt(other) } as const)
        : ({ op, key: keyAt(other), ...LIFE } as const)
    const answer = await this.#session.atomic([
      { op: 'read', key: keyAt(at) },
      { op: 'set', value: this.#value(at, ['red']) },
      second,
    ])
    if (answer.kind === 'writing') return answer.kind
    return answer.answers.map((one) =>
      one.op === 'read' ? one.entry && Buffer.from(one.entry.envelope).toString() : one,
    )
  }

  #value(at: number, carried: readonly string[]) {
    this.#written += 1
    return { ...keyAt(at), envelope: Buffer.from(`v${this.#written}`), ...LIFE, tags: carried }
  }
}

/** Numbers that no hint has told, or more than one has. */
function gaps(
  hints: readonly Hint[],
  { from, to }: { readonly from: number; readonly to: number },
): readonly string[] {
  const wrong: string[] = []
  let known = from
  for (const { first, last, changes } of hints) {
    if (last <= from) continue
    if (first !== known + 1) wrong.push(`${first - from} after ${known - from}`)
    if (changes.length === 0) wrong.push(`nothing at ${first - from}`)
    known = last
  }
  if (known !== to) wrong.push(`none from ${known - from} to ${to - from}`)
  return wrong
}

function kindsOf(answers: readonly object[]): readonly unknown[] {
  return answers.map((answer) => ('kind' in answer ? answer.kind : answer))
}

test('whatever is asked, Redis answers as the memory tier does, and tells each change', async () => {
  await using scene = await redisScene()
  const clock = new SystemClock()
  const context = { clock, random: new SystemRandom(), report: () => {}, instance: 'test' }
  let round = 0
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 40 }), async (actions) => {
      round += 1
      const name = `round-${round}`
      const memory = memoryTier().open({ ...context, name })
      const redis = scene.subject.open(name)
      await Promise.all([memory.ready, redis.ready])
      const hints: Hint[] = []
      redis.listen((signal) => {
        if (signal.kind === 'changes') hints.push(signal)
      })
      const asked = { shard: 0, epoch: undefined, cursor: 0, beat: false }
      const { sequence: from } = await redis.follow(asked)
      const players = [new Player(memory), new Player(redis)] as const
      for (const [at, one] of [...actions, { do: 'sweep' } as const].entries()) {
        const [expected, actual] = [await players[0].play(one), await players[1].play(one)]
        expect(actual, `step ${at}: ${JSON.stringify(one)}`).toEqual(expected)
      }
      for (const at of keys.keys()) {
        const claim = { do: 'claim', key: at, token: 'last', refresh: false } as const
        expect(await players[1].play(claim)).toEqual(await players[0].play(claim))
      }
      await scene.subject.heard()
      const { sequence } = await redis.follow(asked)
      expect(gaps(hints, { from, to: sequence })).toEqual([])
      await Promise.all([memory.close(), redis.close()])
    }),
    { numRuns: 150, endOnFailure: false },
  )
}, 120_000)
