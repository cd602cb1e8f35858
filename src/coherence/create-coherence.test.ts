import { describe, expect, test } from 'vitest'
import type { CoherenceListener, Copied } from '../contracts/coherence.ts'
import { TierError } from '../contracts/errors.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type {
  Change,
  FollowAnswer,
  FollowRequest,
  Hint,
  SharedKey,
  SharedSignal,
} from '../contracts/shared-tier.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { type CoherenceParts, createCoherence } from './create-coherence.ts'

const BLIND_MS = 5_000
const NEVER = Number.NEGATIVE_INFINITY

/** One shard of a server far away: what it holds, and whether it answers. */
class Far {
  readonly shard: number
  epoch = 'e'
  sequence = 100
  floor = 0
  /** What its clock shows. */
  now = (): number => 0
  readonly asked: FollowRequest[] = []
  #changes: FollowAnswer['changes'] = []
  #held: (() => void)[] | undefined
  #failure: TierError | undefined

  constructor(shard: number) {
    this.shard = shard
  }

  /** What changes here is found by a follow, whether its hint is heard or not. */
  change(...changes: readonly (FollowAnswer['changes'][number] | Change)[]): Hint {
    this.sequence += 1
    const number = this.sequence
    const numbered = changes.map((change) => ({ ...change, number }))
    this.#changes = [...this.#changes, ...(numbered as FollowAnswer['changes'])]
    return this.#hint(changes.filter(({ kind }) => kind !== 'bucket') as readonly Change[])
  }

  /** Keys that all lie in the bucket of `KEY`. */
  touch(...ids: readonly string[]): Hint {
    this.change({ kind: 'bucket', bucket: 0, number: 0 })
    return this.#hint([{ kind: 'keys', ids, mode: 'delete' }])
  }

  /** A failover: numbers begin anew, in another epoch. */
  renew(epoch: string, sequence: number): void {
    this.epoch = epoch
    this.sequence = sequence
    this.#changes = []
  }

  fail(failing: boolean): void {
    this.#failure = failing ? new TierError('far', 'Nobody answers.') : undefined
  }

  /** Answers are made at once from here on, and arrive when they are let go. */
  hold(): void {
    this.#held = []
  }

  letGo(): void {
    for (const arrive of this.#held ?? []) arrive()
    this.#held = undefined
  }

  async follow(request: FollowRequest): Promise<FollowAnswer> {
    this.asked.push(request)
    const { epoch, sequence, floor, shard } = this
    const serverNow = this.now()
    const from = request.epoch === epoch ? request.cursor : 0
    const changes = this.#changes.filter(({ number }) => number > from)
    const failure = this.#failure
    const held = this.#held
    if (held !== undefined) await new Promise<void>((resolve) => held.push(resolve))
    if (failure !== undefined) throw failure
    return { shard, epoch, sequence, serverNow, floor, taggedFloor: 0, changes, upTo: sequence }
  }

  #hint(changes: Hint['changes']): Hint {
    const { epoch, sequence, shard } = this
    return {
      kind: 'changes',
      shard,
      epoch,
      first: sequence,
      last: sequence,
      sender: 'other',
      changes,
    }
  }
}

/** Keys lie in the shard that their pin names. All are bucket-mates. */
const KEY = encodeKey('shop', 'k')
const inShard = (shard: number): SharedKey => ({ ...KEY, pin: `${shard}` })

interface Options {
  readonly mode?: CoherenceParts['mode']
  readonly shards?: number
  readonly hints?: 'exact' | 'none'
  readonly failing?: boolean
}

function build({ mode = { kind: 'push' }, shards = 1, hints = 'exact', failing = false }: Options) {
  const clock = new FakeClock()
  const fars = Array.from({ length: shards }, (_, shard) => new Far(shard))
  const far = fars[0] as Far
  if (failing) for (const one of fars) one.fail(true)
  const told: unknown[][] = []
  const events: CacheEvent[] = []
  const swept: number[] = []
  const heard: unknown[] = []
  const purposes: unknown[] = []
  let tell = (_signal: SharedSignal): void => undefined
  const listener: CoherenceListener = {
    changed: (ids, { number, mode: removal }) => told.push(['changed', ...ids, number, removal]),
    doubt: (which) => told.push(['doubt', which]),
    trustUntil: (moment) => told.push(['trust', moment]),
    renewed: (shard) => told.push(['renewed', shard]),
    invalidated: (changes, origin) =>
      heard.push(...changes.map((change) => ({ ...change, origin }))),
    released: (ids) => told.push(['released', ...ids]),
    unlocked: (names) => told.push(['unlocked', ...names]),
  }
  const coherence = createCoherence({
    session: {
      shards,
      hints,
      mark: 'own',
      place: ({ pin }) => ({ shard: Number(pin ?? 0), bucket: 0 }),
      listen: (listening) => {
        tell = listening
      },
      follow: (request) => (fars[request.shard] as Far).follow(request),
      sweepPattern: async (_shard, number) => {
        swept.push(number)
        return true
      },
    },
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      schedule: (delayMs, task, purpose) => {
        purposes.push(purpose)
        return clock.schedule(delayMs, task)
      },
    },
    random: new SeededRandom(1),
    listener,
    report: (event) => events.push(event),
    maxBlindnessMs: BLIND_MS,
    mode,
  })
  const copy = (asOf: number, more: Partial<Copied> = {}): Copied => ({
    epoch: far.epoch,
    stamp: asOf,
    asOf,
    blind: false,
    ...more,
  })
  const judge = (asOf: number, more?: Partial<Copied>) =>
    coherence.judgeCopy(KEY, copy(asOf, more), [])
  const signal = (one: SharedSignal): void => tell(one)
  return { clock, far, fars, told, heard, events, swept, purposes, coherence, copy, judge, signal }
}

/** Followed once, and nothing told of it. */
async function setup(options: Options = {}) {
  const parts = build(options)
  await parts.clock.settle()
  parts.told.length = 0
  return parts
}

describe('coherence', () => {
  test('follows each shard at once, and tells from when on copies may be served', async () => {
    const { clock, coherence, told, fars } = build({ shards: 2 })
    expect(told).toEqual([])
    expect(coherence.position(inShard(1))).toEqual({ shard: 1, epoch: '', cursor: 0 })
    expect([coherence.readable(KEY), coherence.connected(KEY)]).toEqual([false, false])
    expect(coherence.state).toMatchObject({ shards: 2, connected: 0, blindMs: Infinity })
    await clock.settle()
    expect(fars.map(({ asked }) => asked.length)).toEqual([1, 1])
    expect(coherence.position(inShard(1))).toEqual({ shard: 1, epoch: 'e', cursor: 100 })
    expect([coherence.readable(KEY), coherence.connected(KEY)]).toEqual([true, true])
    expect(told.filter(([what]) => what === 'trust')).toEqual([['trust', BLIND_MS]])
    expect(coherence.state).toMatchObject({ connected: 2, blindMs: 0, follows: 2, epochs: 0 })
  })

  test('says nothing of a shard that was never followed, but for copies made without it', async () => {
    const { clock, coherence, judge, events } = build({ failing: true })
    await clock.settle()
    expect(coherence.judgeEntry(KEY, { epoch: 'e', stamp: 1 }, [])).toBe('unsure')
    expect(judge(1)).toBe('unsure')
    expect([judge(0, { epoch: '' }), judge(1, { blind: true })]).toEqual(['unsure', 'unsure'])
    expect(judge(0, { epoch: '', blind: true })).toBe('stands')
    expect(events).toMatchObject([{ type: 'tier-failure', operation: 'follow' }])
  })

  test('beats every 400 ms, up to a fifth earlier, by a write', async () => {
    const { clock, far } = await setup()
    await clock.advance(8_000)
    expect(far.asked.length).toBeGreaterThan(21)
    expect(far.asked.length).toBeLessThan(26)
    expect(far.asked.every(({ beat }) => beat)).toBe(true)
    expect(new Set(far.asked.map(({ cursor }) => cursor))).toEqual(new Set([0, 100]))
  })

  test('tells the keys of a hint that leaves nothing out, and lets their bucket-mates be', async () => {
    const { coherence, far, judge, signal, told } = await setup()
    const position = coherence.position(KEY)
    signal(far.touch('shop:s1:x', 'shop:s1:y'))
    expect(told).toEqual([['changed', 'shop:s1:x', 'shop:s1:y', 101, 'delete']])
    expect([judge(100), coherence.survives(KEY, position)]).toEqual(['stands', true])
    expect(coherence.position(KEY).cursor).toBe(101)
    expect(far.asked.length).toBe(1)
  })

  test('tells the first number of a step, which spares what the step itself has set', async () => {
    const { coherence, signal, told } = await setup()
    const keys = { kind: 'keys', ids: ['a', 'b'], mode: 'expire' } as const
    signal({
      kind: 'changes',
      shard: 0,
      epoch: 'e',
      first: 101,
      last: 102,
      sender: 'other',
      changes: [keys],
    })
    expect(told).toEqual([['changed', 'a', 'b', 101, 'expire']])
    expect(coherence.position(KEY).cursor).toBe(102)
  })

  test('applies a hint again that begins below what is known, and drops one that is known whole', async () => {
    const { coherence, far, signal, told } = await setup()
    const hint = { ...far.touch('a'), first: 99 }
    signal(hint)
    signal(hint)
    expect(told).toEqual([['changed', 'a', 99, 'delete']])
    expect(coherence.position(KEY).cursor).toBe(101)
    expect(far.asked.length).toBe(1)
  })

  test('follows at once where a hint is missing, and then drops whole buckets', async () => {
    const { clock, coherence, far, judge, signal, told } = await setup()
    const position = coherence.position(KEY)
    far.touch('lost')
    signal(far.touch('heard'))
    expect(told).toEqual([])
    await clock.settle()
    expect(far.asked.at(-1)).toEqual({ shard: 0, epoch: 'e', cursor: 100, beat: false })
    expect(told).toEqual([['doubt', 'all']])
    expect([judge(101), judge(102), coherence.survives(KEY, position)]).toEqual([
      'gone',
      'stands',
      false,
    ])
    await clock.advance(1_000)
    far.touch('lost as well')
    await clock.advance(1_000)
    expect(coherence.state).toMatchObject({ hints: 1, gaps: 1 })
  })

  test('tells what others have changed: by hint, or by a follow that no hint has told for a second', async () => {
    const { clock, far, heard, signal } = await setup()
    signal({ ...far.touch('mine'), sender: 'own' })
    signal(far.touch('theirs'))
    const keys = { kind: 'keys', mode: 'delete', origin: 'remote' }
    expect(heard.splice(0)).toEqual([{ ...keys, ids: ['theirs'] }])
    far.touch('lost')
    const early = far.touch('early')
    signal(early)
    signal(early)
    expect(heard.splice(0)).toEqual([{ ...keys, ids: ['early'] }])
    const late = far.change({ kind: 'tag', tag: 't', mode: 'delete' })
    await clock.advance(500)
    expect(heard).toEqual([])
    signal(late)
    expect(heard.splice(0)).toEqual([{ kind: 'tag', tag: 't', mode: 'delete', origin: 'remote' }])
    await clock.advance(1_500)
    expect(heard.splice(0)).toMatchObject([{ kind: 'bucket', number: 103, origin: 'replayed' }])
    far.floor = far.sequence + 1
    far.change()
    await clock.advance(2_000)
    expect(heard.splice(0)).toMatchObject([{ kind: 'floor', number: 106, origin: 'replayed' }])
  })

  test('tells of what all shards are told only the first, and of keys each', async () => {
    const { fars, heard, signal } = await setup({ shards: 2 })
    for (const far of fars) {
      signal(far.change({ kind: 'tag', tag: 't', mode: 'delete' }))
      signal(far.touch('k'))
    }
    expect(heard.map((change) => (change as { kind: string }).kind)).toEqual([
      'tag',
      'keys',
      'keys',
    ])
  })

  test('tells all of a shard as replayed whose numbers begin anew, but not when it is met', async () => {
    const { clock, far, heard } = await setup()
    expect(heard).toEqual([])
    far.renew('f', 50)
    await clock.advance(400)
    expect(heard).toEqual([{ kind: 'floor', origin: 'replayed' }])
  })

  test('tells by poll what follows bring as of others, but for what it knows to be its own', async () => {
    const { clock, coherence, far, heard, signal } = await setup({
      mode: { kind: 'poll', everyMs: 500 },
    })
    far.touch('theirs')
    const { epoch, last: sequence } = far.touch('mine')
    coherence.made({ shard: 0, epoch, sequence })
    signal(far.touch('not heard'))
    await clock.advance(2_500)
    expect(heard).toMatchObject([
      { kind: 'bucket', number: 101, origin: 'remote' },
      { kind: 'bucket', number: 103, origin: 'remote' },
    ])
    expect(coherence.state).toMatchObject({ gaps: 0 })
  })

  test('follows once more for what was heard of too late for the follow under way', async () => {
    const { clock, coherence, far, signal } = await setup()
    far.hold()
    far.touch('lost')
    signal(far.touch('heard'))
    far.touch('lost too')
    signal(far.touch('heard too'))
    signal(far.touch('and this'))
    expect(far.asked.length).toBe(2)
    far.letGo()
    await clock.settle()
    expect(far.asked.length).toBe(3)
    expect(coherence.position(KEY).cursor).toBe(105)
  })

  test('lets bucket-mates be where hints told all that the follow under way tells by bucket', async () => {
    const { clock, coherence, far, judge, signal } = await setup()
    const hint = far.touch('a')
    far.hold()
    const caughtUp = coherence.catchUp(0)
    signal(hint)
    far.letGo()
    expect(await caughtUp).toBe(true)
    expect(judge(100)).toBe('stands')
    far.touch('b')
    await clock.advance(400)
    expect(judge(101)).toBe('gone')
  })

  test('asks copies to be judged again after tags, those with tags alone', async () => {
    const { coherence, copy, far, signal, told } = await setup()
    signal(far.change({ kind: 'tag', tag: 't', mode: 'delete' }))
    signal(far.change({ kind: 'tag', tag: 'u', mode: 'expire' }))
    expect(told).toEqual([
      ['doubt', 'tagged'],
      ['doubt', 'tagged'],
    ])
    expect(coherence.judgeCopy(KEY, copy(100), ['t', 'u'])).toBe('gone')
    expect(coherence.judgeCopy(KEY, copy(100), ['u'])).toBe('expired')
    expect(coherence.judgeEntry(KEY, copy(100), ['t'])).toBe('gone')
    expect(coherence.judgeCopy(KEY, copy(102), ['t', 'u'])).toBe('stands')
  })

  test('tells of a removed tag half a second later that readers have heard of it', async () => {
    const { clock, coherence, far, signal } = await setup()
    const position = coherence.position(KEY)
    signal(far.change({ kind: 'tag', tag: 't', mode: 'delete' }))
    await clock.advance(500)
    expect(coherence.tagsRemovedSince(position)).toBe(false)
    await clock.advance(1)
    expect(coherence.tagsRemovedSince(position)).toBe(true)
    expect(coherence.tagsRemovedSince(coherence.position(KEY))).toBe(false)
  })

  test('drops all of a shard whose numbers begin anew, and tells its writers', async () => {
    const { clock, coherence, far, signal, told } = await setup()
    const position = coherence.position(KEY)
    const old = { epoch: 'e', stamp: 100, asOf: 100, blind: false }
    far.renew('f', 50)
    signal(far.touch('a'))
    await clock.settle()
    expect(far.asked.at(-1)).toMatchObject({ epoch: 'e', beat: true })
    expect(told).toEqual([
      ['trust', NEVER],
      ['doubt', 'all'],
      ['renewed', 0],
      ['doubt', 'all'],
      ['trust', BLIND_MS],
    ])
    expect(coherence.judgeCopy(KEY, old, [])).toBe('gone')
    expect(coherence.judgeEntry(KEY, old, [])).toBe('gone')
    expect(coherence.survives(KEY, position)).toBe(false)
    expect(coherence.position(KEY)).toEqual({ shard: 0, epoch: 'f', cursor: 51 })
    expect(coherence.state.epochs).toBe(1)
  })

  test('follows at once where an answer names another epoch', async () => {
    const { clock, coherence, far } = await setup()
    coherence.note(0, 'e')
    expect(far.asked.length).toBe(1)
    far.renew('f', 50)
    coherence.note(0, 'f')
    coherence.note(0, 'f')
    await clock.settle()
    expect(far.asked.length).toBe(2)
    expect(coherence.position(KEY).epoch).toBe('f')
    coherence.note(9, 'f')
  })

  test('trusts a new epoch only after a beat, since its server may be the wrong one', async () => {
    const { clock, coherence, far, signal } = await setup()
    far.renew('f', 50)
    signal({ kind: 'doubt', shards: [0] })
    await clock.settle()
    expect(far.asked.map(({ beat }) => beat)).toEqual([true, false, true])
    expect(coherence.readable(KEY)).toBe(true)
  })

  test('reads nothing over a new connection before a follow that was sent on it', async () => {
    const { clock, coherence, far, judge, signal } = await setup()
    far.hold()
    const caughtUp = coherence.catchUp(0)
    signal({ kind: 'reconnected', shards: [0, 9] })
    expect([coherence.readable(KEY), judge(100)]).toEqual([false, 'stands'])
    far.letGo()
    far.hold()
    await clock.settle()
    expect([await caughtUp, coherence.readable(KEY), far.asked.length]).toEqual([false, false, 3])
    far.letGo()
    await clock.settle()
    expect(coherence.readable(KEY)).toBe(true)
  })

  test('serves copies for as long as it may be blind, counted from when the follow was sent', async () => {
    const { clock, coherence, events, far, judge } = await setup()
    far.fail(true)
    await clock.advance(1_000)
    expect(coherence.connected(KEY)).toBe(true)
    await clock.advance(1)
    expect([coherence.connected(KEY), coherence.readable(KEY)]).toEqual([false, true])
    await clock.advance(BLIND_MS - 1_001)
    expect([judge(100), coherence.readable(KEY)]).toEqual(['stands', true])
    await clock.advance(1)
    expect([judge(100), coherence.readable(KEY)]).toEqual(['unsure', false])
    expect([judge(100, { blind: true }), judge(1, { epoch: 'x' })]).toEqual(['stands', 'gone'])
    expect(coherence.state).toMatchObject({ connected: 0, blindMs: BLIND_MS + 1 })
    expect(events.length).toBe(1)
    far.fail(false)
    await clock.advance(400)
    expect([judge(100), coherence.connected(KEY)]).toEqual(['stands', true])
  })

  test('is blind from when a slow follow was sent, not from when it was answered', async () => {
    const { clock, coherence, far, told } = await setup()
    await clock.advance(10)
    far.hold()
    const caughtUp = coherence.catchUp(0)
    await clock.advance(900)
    far.letGo()
    await caughtUp
    expect(told[0]).toEqual(['trust', 10 + BLIND_MS])
  })

  test('trusts all shards no longer than the one that is followed worst', async () => {
    const { clock, coherence, far, fars, told } = await setup({ shards: 3 })
    fars[1]?.fail(true)
    await clock.advance(2_000)
    expect([told, far.asked.length > 4]).toEqual([[], true])
    expect([coherence.connected(inShard(0)), coherence.connected(inShard(1))]).toEqual([
      true,
      false,
    ])
    fars[1]?.fail(false)
    await clock.advance(400)
    expect(told.length).toBeGreaterThan(0)
  })

  test('is blind after the machine stood still, until a follow that was sent afterwards', async () => {
    const { clock, coherence, far, judge, signal, told } = await setup()
    far.hold()
    const caughtUp = coherence.catchUp(0)
    clock.setNow(clock.now() + 60_000)
    signal({ kind: 'released', ids: [] })
    expect([judge(100), coherence.readable(KEY)]).toEqual(['unsure', false])
    expect(told).toContainEqual(['trust', NEVER])
    far.letGo()
    far.hold()
    await clock.settle()
    expect([await caughtUp, judge(100)]).toEqual([false, 'unsure'])
    far.letGo()
    await clock.settle()
    expect(judge(100)).toBe('stands')
  })

  test('sees that the machine stood still by an answer and by a beat as well', async () => {
    const { clock, coherence, far, told } = await setup()
    far.hold()
    const caughtUp = coherence.catchUp(0)
    clock.setNow(clock.now() + 60_000)
    far.letGo()
    expect(await caughtUp).toBe(false)
    expect(told).toContainEqual(['trust', NEVER])
    await clock.settle()
    told.length = 0
    far.fail(true)
    clock.setNow(clock.now() + 60_000)
    await clock.advance(400)
    expect(told).toContainEqual(['trust', NEVER])
  })

  test('does not trust a shard that has gone back behind its own numbers', async () => {
    const { clock, events, far, judge } = await setup()
    far.sequence = 90
    await clock.advance(400)
    expect(far.asked.slice(-1)).toMatchObject([{ epoch: undefined, cursor: 0 }])
    expect(judge(100)).toBe('unsure')
    expect(events.length).toBe(1)
    far.renew('f', 90)
    await clock.advance(400)
    expect(judge(90)).toBe('stands')
  })

  test('keeps no copy of a shard that seemed to go back, and tells no writer', async () => {
    const { clock, coherence, far, judge, told } = await setup()
    far.sequence = 90
    far.hold()
    const caughtUp = coherence.catchUp(0)
    far.sequence = 110
    far.letGo()
    expect(await caughtUp).toBe(true)
    await clock.settle()
    expect([judge(109), judge(110)]).toEqual(['gone', 'stands'])
    expect(told).toContainEqual(['doubt', 'all'])
    expect(told).not.toContainEqual(['renewed', 0])
    expect(coherence.state.epochs).toBe(0)
  })

  test('catches up by a follow that is sent after the call', async () => {
    const { coherence, far } = await setup()
    far.hold()
    const first = coherence.catchUp(0)
    far.touch('a')
    const second = coherence.catchUp(0)
    far.letGo()
    expect(await first).toBe(true)
    expect(await second).toBe(true)
    expect(coherence.position(KEY).cursor).toBe(101)
    far.fail(true)
    expect(await coherence.catchUp(0)).toBe(false)
    expect(await coherence.catchUp(9)).toBe(false)
  })

  test('follows by a read what a session doubts, and trusts no longer by it', async () => {
    const { clock, coherence, far, judge, signal, told } = await setup({ hints: 'none' })
    await clock.advance(100)
    far.touch('a')
    signal({ kind: 'doubt', shards: [0, 9] })
    await clock.settle()
    expect(far.asked.at(-1)?.beat).toBe(false)
    expect(told).toEqual([['doubt', 'all']])
    expect([judge(100), judge(101)]).toEqual(['gone', 'stands'])
    far.touch('b')
    await clock.advance(900)
    expect(coherence.state).toMatchObject({ gaps: 0, connected: 1 })
  })

  test('sends no beat while another is under way, however long it takes', async () => {
    const { clock, far } = await setup()
    far.hold()
    await clock.advance(4_000)
    far.letGo()
    await clock.settle()
    expect(far.asked.length).toBe(2)
  })

  test('beats by timers that keep no process alive', async () => {
    const { clock, purposes } = await setup()
    await clock.advance(1_000)
    expect(new Set(purposes)).toEqual(new Set(['upkeep']))
  })

  test('beats also where doubts keep it reading all the time', async () => {
    const { clock, far, signal } = await setup({ hints: 'none' })
    far.hold()
    signal({ kind: 'doubt', shards: [0] })
    await clock.advance(400)
    signal({ kind: 'doubt', shards: [0] })
    far.letGo()
    await clock.settle()
    expect(far.asked.map(({ beat }) => beat)).toEqual([true, false, true])
  })

  test('by poll hears no hints, and trusts for twice the interval', async () => {
    const { clock, coherence, far, judge, signal } = await setup({
      mode: { kind: 'poll', everyMs: 200 },
    })
    signal(far.touch('a'))
    signal({ kind: 'doubt', shards: [0] })
    await clock.settle()
    expect([far.asked.length, coherence.position(KEY).cursor]).toEqual([1, 100])
    await clock.advance(200)
    expect([far.asked.length, coherence.position(KEY).cursor]).toEqual([2, 101])
    far.fail(true)
    await clock.advance(200)
    expect(judge(101)).toBe('stands')
    await clock.advance(201)
    expect(judge(101)).toBe('unsure')
    expect(coherence.state).toMatchObject({ hints: 0, gaps: 0 })
  })

  test('at most once follows until it has, and then hears hints alone', async () => {
    const { clock, coherence, far, judge, signal, told } = build({
      mode: { kind: 'at-most-once' },
      failing: true,
    })
    await clock.advance(1_000)
    const tries = far.asked.length
    expect(tries).toBeGreaterThan(2)
    expect([coherence.connected(KEY), judge(100)]).toEqual([false, 'unsure'])
    far.fail(false)
    await clock.advance(60_000)
    expect(far.asked.length).toBe(tries + 1)
    expect(far.asked.some(({ beat }) => beat)).toBe(false)
    expect(told.at(-1)).toEqual(['trust', Infinity])
    expect([coherence.connected(KEY), coherence.readable(KEY), judge(100)]).toEqual([
      true,
      true,
      'stands',
    ])
    far.touch('lost')
    signal(far.touch('heard'))
    await clock.settle()
    expect(told.at(-1)).toEqual(['changed', 'heard', 102, 'delete'])
    expect(judge(100)).toBe('stands')
    expect([coherence.state.gaps, far.asked.length]).toEqual([1, tries + 1])
  })

  test('sweeps patterns of its own at once, and those of others when they are overdue', async () => {
    const { clock, coherence, far, signal, swept } = await setup()
    coherence.sweep(0, 77)
    coherence.sweep(9, 77)
    await clock.settle()
    expect(swept).toEqual([77])
    signal(far.change({ kind: 'pattern', collection: 'shop', pattern: '*', active: true }))
    await clock.advance(5_000)
    expect(swept).toEqual([77])
    await clock.advance(20_000)
    expect(swept).toEqual([77, 101])
  })

  test('passes on what it hears of leases and locks', async () => {
    const { signal, told } = await setup()
    signal({ kind: 'released', ids: ['a'] })
    signal({ kind: 'unlocked', names: ['l'] })
    expect(told).toEqual([
      ['released', 'a'],
      ['unlocked', 'l'],
    ])
  })

  test('ends with its cache: nothing is told, nothing asked, and no timer is left', async () => {
    const { clock, coherence, far, fars, signal, swept, told } = await setup({ shards: 2 })
    const hint = far.touch('a')
    far.hold()
    const [running, waiting] = [coherence.catchUp(0), coherence.catchUp(0)]
    coherence.close()
    signal(hint)
    signal({ kind: 'released', ids: ['a'] })
    signal({ kind: 'reconnected', shards: [0, 1] })
    coherence.note(0, 'f')
    coherence.sweep(0, 5)
    clock.setNow(clock.now() + 60_000)
    far.letGo()
    expect([await running, await waiting, await coherence.catchUp(1)]).toEqual([
      false,
      false,
      false,
    ])
    await clock.advance(10_000)
    expect([clock.timers, told, swept]).toEqual([0, [], []])
    expect(fars.map(({ asked }) => asked.length)).toEqual([2, 1])
  })

  test('ends quietly also where a follow fails after its end', async () => {
    const { clock, coherence, events, far, told } = await setup()
    far.fail(true)
    far.hold()
    const running = coherence.catchUp(0)
    coherence.close()
    far.letGo()
    expect(await running).toBe(false)
    await clock.settle()
    expect([events, told]).toEqual([[], []])
  })
})

describe('how long changes of others take', () => {
  const AHEAD_MS = 1_000_000

  /** The server's clock is far ahead of this process's. */
  async function setupServer(options: Options = {}) {
    const parts = build(options)
    const { clock, far } = parts
    far.now = () => clock.now() + AHEAD_MS
    // The first follow was sent before that; the next has seen it.
    await clock.advance(1_000)
    const touch = (): Hint => ({ ...far.touch(KEY.id), at: far.now() })
    return { ...parts, touch }
  }

  test('is told by hints, on the clock of the server', async () => {
    const { clock, coherence, signal, touch } = await setupServer()
    expect(coherence.state.delay).toBeUndefined()
    const hint = touch()
    await clock.advance(30)
    signal(hint)
    expect(coherence.state.delay).toEqual({ p50Ms: 30, p99Ms: 30 })
    // Heard twice, it is known already; an own one and one without a time say nothing.
    signal(hint)
    signal({ ...touch(), sender: 'own' })
    const { at: _, ...timeless } = touch()
    signal(timeless)
    expect(coherence.state.delay).toEqual({ p50Ms: 30, p99Ms: 30 })
  })

  test('of a hint whose predecessor is lost lasts until both are known', async () => {
    const { clock, far, coherence, signal, touch } = await setupServer({ mode: { kind: 'push' } })
    touch()
    const hint = touch()
    far.hold()
    await clock.advance(20)
    signal(hint)
    await clock.advance(15)
    expect(coherence.state.delay).toBeUndefined()
    far.letGo()
    await clock.settle()
    expect(coherence.state.delay).toEqual({ p50Ms: 35, p99Ms: 35 })
  })

  test('is told by hints that come after a follow has found the change', async () => {
    const { clock, coherence, signal, touch } = await setupServer()
    const hints: Hint[] = []
    for (let count = 0; count < 20; count += 1) {
      hints.push(touch())
      await clock.advance(100)
      if (count < 9) continue
      // Each comes 900 ms late.
      signal(hints[count - 9] as Hint)
    }
    expect(coherence.state).toMatchObject({ gaps: 0 })
    const { p50Ms = 0 } = coherence.state.delay ?? {}
    expect(p50Ms).toBe(1_000)
  })

  test.each(['stood still', 'is connected to another server'])(
    'is not told where the machine %s since',
    async (what) => {
      const { clock, far, coherence, signal, touch } = await setupServer()
      const hint = touch()
      far.hold()
      if (what === 'stood still') clock.setNow(clock.now() + 8_000)
      else signal({ kind: 'reconnected', shards: [0] })
      signal(hint)
      expect(coherence.state.delay).toBeUndefined()
    },
  )

  test('of a hint that a follow was too early for lasts until the next', async () => {
    const { clock, far, coherence, signal, touch } = await setupServer()
    far.hold()
    void coherence.catchUp(0)
    await clock.settle()
    touch()
    signal(touch())
    far.letGo()
    far.hold()
    await clock.advance(20)
    expect(coherence.state.delay).toBeUndefined()
    far.letGo()
    await clock.settle()
    expect(coherence.state.delay).toEqual({ p50Ms: 20, p99Ms: 20 })
  })

  test('of what no hint has told is as long as since the follow that had not found it', async () => {
    const { clock, coherence, touch } = await setupServer()
    await clock.advance(100)
    touch()
    await clock.advance(3_000)
    const { p99Ms = 0 } = coherence.state.delay ?? {}
    expect(p99Ms).toBeGreaterThanOrEqual(300)
    expect(p99Ms).toBeLessThanOrEqual(400)
  })

  test('is bounded by the follows where no hints are heard', async () => {
    const { clock, coherence, touch } = await setupServer({ mode: { kind: 'poll', everyMs: 200 } })
    for (let count = 0; count < 5; count += 1) {
      touch()
      await clock.advance(500)
    }
    const { p50Ms = 0, p99Ms = 0 } = coherence.state.delay ?? {}
    expect(p50Ms).toBeGreaterThan(0)
    expect(p99Ms).toBeLessThanOrEqual(200)
  })
})
