import { describe, expect, test } from 'vitest'
import type { Invalidation, SharedKey } from '../contracts/shared-tier.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { OUTBOX_LIMIT, Outbox } from './outbox.ts'

const LAST_RETRY_MS = 5_000

const keyOf = (key: string | number): SharedKey => encodeKey('thing', key)
const deletion = (...keys: readonly (string | number)[]): Invalidation => ({
  kind: 'keys',
  keys: keys.map(keyOf),
  mode: 'delete',
})

/** An outbox whose tries are answered by `answer`; all of them take what they are given at first. */
function setup() {
  const clock = new FakeClock()
  const tries: { readonly at: number; readonly what: Invalidation }[] = []
  const tier: { answer: (what: Invalidation) => Promise<unknown> } = {
    answer: () => Promise.resolve(),
  }
  const outbox = new Outbox({
    clock,
    random: { next: () => 0.999, id: () => 'id' },
    send: async (what) => {
      tries.push({ at: clock.monotonic(), what })
      await tier.answer(what)
    },
  })
  const away = (): Promise<never> => Promise.reject(new Error('away'))
  /** What was tried since the last call. */
  const sent = (): Invalidation[] => tries.splice(0).map(({ what }) => what)
  return { clock, tier, outbox, tries, sent, away }
}

describe('an outbox', () => {
  test('sends what waits, and is empty', async () => {
    const { outbox, clock, sent } = setup()
    outbox.add(deletion('a', 'b'))
    outbox.add({ kind: 'tags', tags: ['red', 'blue'], match: 'any', mode: 'delete' })
    outbox.add({ kind: 'collection', collection: 'other' })
    expect(outbox.size).toBe(5)
    await clock.advance(100)
    expect(sent()).toEqual([
      { kind: 'collection', collection: 'other' },
      { kind: 'tags', tags: ['red', 'blue'], match: 'any', mode: 'delete' },
      deletion('a', 'b'),
    ])
    expect([outbox.size, clock.timers]).toEqual([0, 0])
  })

  test('takes the first of several tags for entries that carry all of them', async () => {
    const { outbox, clock, sent } = setup()
    outbox.add({ kind: 'tags', tags: ['red', 'blue'], match: 'all', mode: 'delete' })
    expect([outbox.holdsTag(['red']), outbox.holdsTag(['blue'])]).toEqual([true, false])
    await clock.advance(100)
    expect(sent()).toEqual([{ kind: 'tags', tags: ['red'], match: 'any', mode: 'delete' }])
  })

  test('trusts no entry that a pattern matches, and keeps each pattern once', async () => {
    const { outbox, clock, sent } = setup()
    const pattern = { kind: 'pattern', collection: 'thing', pattern: 'user-*' } as const
    outbox.add(pattern)
    outbox.add(pattern)
    outbox.add({ ...pattern, collection: 'other', pattern: '7?' })
    expect(outbox.size).toBe(2)
    expect([outbox.holdsKey(keyOf('user-1')), outbox.holdsKey(keyOf('user'))]).toEqual([
      true,
      false,
    ])
    expect(outbox.holdsKey(encodeKey('other', 'user-1'))).toBe(false)
    expect(outbox.holdsKey(encodeKey('other', 71))).toBe(true)
    await clock.advance(100)
    expect(sent()).toEqual([pattern, { ...pattern, collection: 'other', pattern: '7?' }])
    expect(outbox.holdsKey(keyOf('user-1'))).toBe(false)
  })

  test('sends a pattern again that was added again while it was being sent', async () => {
    const { outbox, clock, sent, tier } = setup()
    const pattern = { kind: 'pattern', collection: 'thing', pattern: '*' } as const
    let added = false
    tier.answer = async () => {
      if (!added) outbox.add(pattern)
      added = true
    }
    outbox.add(pattern)
    await clock.advance(100)
    expect(sent()).toEqual([pattern, pattern])
    expect(outbox.size).toBe(0)
  })

  test('knows which entries are not to be trusted while it waits', async () => {
    const { outbox, clock } = setup()
    outbox.add(deletion('a'))
    outbox.add({ kind: 'tags', tags: ['red'], match: 'any', mode: 'delete' })
    outbox.add({ kind: 'collection', collection: 'other' })
    expect([outbox.holdsKey(keyOf('a')), outbox.holdsKey(keyOf('b'))]).toEqual([true, false])
    expect([outbox.holdsTag(['blue', 'red']), outbox.holdsTag(['blue'])]).toEqual([true, false])
    expect(outbox.holdsKey(encodeKey('other', 'b'))).toBe(true)
    outbox.add({ kind: 'clear' })
    expect(outbox.holdsKey(keyOf('b'))).toBe(true)
    await clock.advance(100)
    expect(outbox.holdsKey(keyOf('a'))).toBe(false)
    expect(outbox.holdsTag(['red'])).toBe(false)
  })

  test('tries again until it is heard, ever less often, and not less often than every 5 s', async () => {
    const { outbox, clock, tier, tries, away } = setup()
    tier.answer = away
    outbox.add(deletion('a'))
    await clock.advance(60_000)
    const times = tries.map(({ at }) => at)
    const pauses = times.map((at, index) => at - (times[index - 1] ?? 0))
    expect(pauses.slice(0, 3).map(Math.round)).toEqual([100, 200, 400])
    expect(Math.max(...pauses)).toBeLessThanOrEqual(LAST_RETRY_MS)
    expect(times.length).toBeLessThan(22)
    tier.answer = () => Promise.resolve()
    await clock.advance(LAST_RETRY_MS)
    expect([outbox.size, clock.timers]).toEqual([0, 0])
    // The next one begins with short pauses again.
    tries.length = 0
    outbox.add(deletion('a'))
    await clock.advance(100)
    expect(tries).toHaveLength(1)
  })

  test('sends in parts what is too much for one call', async () => {
    const { outbox, clock, sent } = setup()
    outbox.add(deletion(...Array.from({ length: 2_500 }, (_, i) => i)))
    await clock.advance(100)
    expect(sent().map((what) => what.kind === 'keys' && what.keys.length)).toEqual([
      1000, 1000, 500,
    ])
  })

  test('goes on after a failure with what is left', async () => {
    const { outbox, clock, tier, sent, away } = setup()
    outbox.add(deletion('a'))
    outbox.add({ kind: 'tags', tags: ['red'], match: 'any', mode: 'delete' })
    tier.answer = (what) => (what.kind === 'keys' ? away() : Promise.resolve())
    await clock.advance(100)
    expect(outbox.size).toBe(1)
    sent()
    tier.answer = () => Promise.resolve()
    await clock.advance(LAST_RETRY_MS)
    expect(sent()).toEqual([deletion('a')])
  })

  test.each<Invalidation>([
    deletion('a'),
    { kind: 'tags', tags: ['red'], match: 'any', mode: 'delete' },
    { kind: 'collection', collection: 'thing' },
    { kind: 'clear' },
  ])('sends again what is added again while it is being sent: %o', async (what) => {
    const { outbox, clock, tier, sent } = setup()
    const held = Promise.withResolvers<void>()
    tier.answer = () => held.promise
    outbox.add(what)
    await clock.advance(100)
    outbox.add(what)
    tier.answer = () => Promise.resolve()
    held.resolve()
    await clock.settle()
    expect(sent()).toEqual([what, what])
    expect([outbox.size, clock.timers]).toEqual([0, 0])
  })

  test('clears everything rather than remember more than its limit, also tags of old', async () => {
    const { outbox, clock, sent } = setup()
    outbox.add({ kind: 'tags', tags: ['red'], match: 'any', mode: 'delete' })
    outbox.add({ kind: 'collection', collection: 'other' })
    outbox.add(deletion(...Array.from({ length: OUTBOX_LIMIT - 2 }, (_, i) => i)))
    expect(outbox.holdsKey(keyOf('nobody'))).toBe(false)
    outbox.add(deletion('one too many'))
    expect(outbox.size).toBe(1)
    expect(outbox.holdsKey(keyOf('nobody'))).toBe(true)
    await clock.advance(100)
    expect(sent()).toEqual([{ kind: 'clear' }])
  })

  test('loses nothing if everything is to be cleared while a part is being sent', async () => {
    const { outbox, clock, tier, sent } = setup()
    const held = Promise.withResolvers<void>()
    tier.answer = () => held.promise
    outbox.add(deletion('a'))
    await clock.advance(100)
    outbox.add({ kind: 'clear' })
    outbox.add(deletion('b'))
    tier.answer = () => Promise.resolve()
    held.resolve()
    await clock.settle()
    expect(sent().slice(1)).toEqual([{ kind: 'clear' }, deletion('b')])
    expect(outbox.size).toBe(0)
  })
})

describe('the last try of an outbox', () => {
  test('answers how much was never told, and leaves no timer', async () => {
    const { outbox, clock, tier, sent, away } = setup()
    tier.answer = away
    outbox.add(deletion('a', 'b'))
    expect(await outbox.flush()).toBe(2)
    expect(clock.timers).toBe(0)
    outbox.add(deletion('c'))
    await clock.advance(60_000)
    expect(sent()).toHaveLength(1)
    tier.answer = () => Promise.resolve()
    expect(await outbox.flush()).toBe(0)
  })

  test('waits for the try that is under way', async () => {
    const { outbox, clock, tier, sent } = setup()
    const held = Promise.withResolvers<void>()
    tier.answer = () => held.promise
    outbox.add(deletion('a'))
    await clock.advance(100)
    const left = outbox.flush()
    held.resolve()
    expect(await left).toBe(0)
    expect(sent()).toEqual([deletion('a')])
  })

  test('is another one if the try that is under way fails, and none after it', async () => {
    const { outbox, clock, tier, sent, away } = setup()
    const held = Promise.withResolvers<void>()
    tier.answer = () => held.promise
    outbox.add(deletion('a'))
    await clock.advance(100)
    const left = outbox.flush()
    tier.answer = away
    held.reject(new Error('away'))
    expect(await left).toBe(1)
    await clock.advance(60_000)
    expect(sent()).toHaveLength(2)
    expect(clock.timers).toBe(0)
  })
})
