/**
 * The cases of `sharedTierSuite` about following: every change is found from state, by whoever was
 * away, and told as it happens, without a number left out.
 */

import assert from 'node:assert/strict'
import type { FollowAnswer, Hint, ShardMoment, SharedSignal } from '../contracts/shared-tier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { openListening, openSteps, sharedCase } from './shared-case.ts'
import { keyOf, keys, LEASE_MS, type SharedSteps, sharedValue, tags } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

const HINTS = ['exact-hints']
const INTENT = { token: 'writer', deadlineMs: LEASE_MS, tags: ['green'] } as const

interface Step {
  readonly name: string
  run(tier: SharedSteps): Promise<unknown>
  /** What followers learn of it, beside the buckets of its keys. */
  readonly changes?: readonly unknown[]
  readonly ids?: readonly string[]
}

/** Every step that changes something. Each may follow on all those before it. */
const STEPS: readonly Step[] = [
  {
    name: 'a batch of sets',
    run: ({ session }) => session.set(['a', 'b', 'a'].map((id) => sharedValue(id, 'one'))),
    ids: ['a', 'b'],
  },
  { name: 'a delete', run: (tier) => tier.invalidate(keys('delete', 'a', 'c')), ids: ['a', 'c'] },
  { name: 'an expire', run: (tier) => tier.invalidate(keys('expire', 'b')), ids: ['b'] },
  {
    name: 'a removal of tags',
    run: (tier) => tier.invalidate(tags('red', 'blue')),
    changes: [
      { kind: 'tag', tag: 'blue', mode: 'delete' },
      { kind: 'tag', tag: 'red', mode: 'delete' },
    ],
  },
  {
    name: 'an expiry of a tag',
    run: (tier) => tier.invalidate({ kind: 'tags', tags: ['red'], match: 'any', mode: 'expire' }),
    changes: [{ kind: 'tag', tag: 'red', mode: 'expire' }],
  },
  {
    name: 'a removal of what carries all of some tags',
    run: (tier) =>
      tier.invalidate({ kind: 'tags', tags: ['red', 'blue'], match: 'all', mode: 'delete' }),
    changes: [{ kind: 'all-tags', tags: ['blue', 'red'] }],
  },
  {
    name: 'a removal of a collection',
    run: (tier) => tier.invalidate({ kind: 'collection', collection: 'product' }),
    changes: [{ kind: 'collection', collection: 'product' }],
  },
  {
    name: 'a removal by a pattern',
    run: (tier) => tier.invalidate({ kind: 'pattern', collection: 'product', pattern: 'a*' }),
    changes: [{ kind: 'pattern', collection: 'product', pattern: 'a*', active: true }],
  },
  {
    name: 'a begin of writes',
    run: ({ session }) =>
      session.beginIntent(['a', 'b'].map((id) => ({ ...keyOf(id), ...INTENT }))),
    ids: ['a', 'b'],
  },
  {
    name: 'an end of writes',
    run: ({ session }) =>
      session.endIntent(
        ['a', 'b'].map((id) => ({ ...keyOf(id), token: 'writer', tags: ['x'], begun: undefined })),
      ),
    ids: ['a', 'b'],
    changes: [
      { kind: 'tag', tag: 'green', mode: 'delete' },
      { kind: 'tag', tag: 'x', mode: 'delete' },
    ],
  },
  {
    name: 'an atomic batch',
    run: ({ session }) =>
      session.atomic([
        { op: 'set', value: sharedValue('a', 'one') },
        { op: 'delete', key: keyOf('b') },
      ]),
    ids: ['a', 'b'],
  },
]

/** Those after which followers have nothing to do. */
const QUIET: readonly Step[] = [
  { name: 'a read', run: (tier) => tier.read('k') },
  { name: 'a claim', run: (tier) => tier.claim('k', 'loader', Number.POSITIVE_INFINITY) },
  { name: 'a release', run: (tier) => tier.release('k', 'loader') },
  {
    name: 'a load that is stored',
    run: async (tier) =>
      tier.fill('l', 'one', await tier.begin('l', 'loader', Number.POSITIVE_INFINITY)),
  },
  {
    name: 'a touch',
    run: async (tier) => {
      const { entry } = await tier.read('l')
      assert.ok(entry !== undefined)
      assert.equal((await tier.touch('l', entry)).kind, 'touched')
    },
  },
  { name: 'a follow', run: (tier) => tier.follow() },
  {
    name: 'a beat',
    run: ({ session, shard }) => session.follow({ shard, epoch: undefined, cursor: 0, beat: true }),
  },
  { name: 'a scan', run: ({ session }) => session.scan('', undefined, 10) },
]

function withoutBuckets({ changes }: Pick<FollowAnswer, 'changes'>): readonly unknown[] {
  return changes
    .filter(({ kind }) => kind !== 'bucket')
    .map(({ number: _, ...change }) => change)
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}

function bucketsOf({ changes }: Pick<FollowAnswer, 'changes'>): ReadonlySet<number> {
  return new Set(changes.flatMap((change) => (change.kind === 'bucket' ? change.bucket : [])))
}

/** Of the shard that the case is about: a removal of tags is told by each. */
const hintsOf = (signals: readonly SharedSignal[], { shard }: SharedSteps): readonly Hint[] =>
  signals.filter((signal) => signal.kind === 'changes').filter((hint) => hint.shard === shard)

/** Every page from a cursor, as one answer. */
async function followAll(tier: SharedSteps, from: ShardMoment): Promise<FollowAnswer> {
  const changes: FollowAnswer['changes'][number][] = []
  let at = from
  for (let pages = 0; pages < 100; pages += 1) {
    const page = await tier.follow(at)
    const inOrder = page.changes.every(({ number }, index) => {
      return number >= (page.changes[index - 1]?.number ?? 0) && number > at.sequence
    })
    assert.ok(inOrder, 'the changes of a page come in the order of their numbers')
    changes.push(...page.changes)
    assert.ok(page.upTo > at.sequence || page.upTo === page.sequence)
    at = { ...page, sequence: page.upTo }
    if (page.upTo === page.sequence) return { ...page, changes }
  }
  return assert.fail('a follow comes to an end')
}

const follows: readonly ConformanceCase<SharedTierSubject>[] = [
  ...STEPS.map(({ name, run, changes = [], ids = [] }) =>
    sharedCase(`whoever was away finds ${name}`, async (tier, subject) => {
      const other = await openSteps(subject)
      const before = await other.moment()
      await run(tier)
      const found = await other.follow(before)
      assert.equal(found.epoch, before.epoch)
      assert.equal(found.upTo, found.sequence)
      assert.ok(found.sequence > before.sequence)
      assert.ok(found.changes.every(({ number }) => number > before.sequence))
      // A write that ends here has begun nowhere, so its begin names no tags.
      const expected = name === 'an end of writes' ? changes.slice(1) : changes
      assert.deepEqual(withoutBuckets(found), expected)
      const buckets = bucketsOf(found)
      for (const id of ids) {
        const { bucket } = tier.session.place(keyOf(id))
        assert.ok(buckets.has(bucket), `the bucket of ${id}`)
      }
      assert.deepEqual((await other.follow(found)).changes, [])
    }),
  ),
  sharedCase('a clear is found as a floor at its number', async (tier, subject) => {
    const other = await openSteps(subject)
    const before = await other.follow()
    await tier.invalidate({ kind: 'clear' })
    const after = await other.follow(before)
    assert.ok(after.floor > before.sequence && after.floor <= after.sequence)
    assert.deepEqual(withoutBuckets(after), [])
  }),
  sharedCase('steps that change nothing for others raise no number', async (tier) => {
    await tier.set('k', 'one')
    const before = await tier.moment()
    for (const { name, run } of QUIET) {
      await run(tier)
      assert.equal((await tier.moment()).sequence, before.sequence, name)
    }
    assert.deepEqual((await tier.follow(before)).changes, [])
  }),
  sharedCase(
    'a batch of writes has one number, and a batch of sets one for each value',
    async (tier) => {
      const { sequence } = await tier.moment()
      const ids = ['a', 'b', 'c']
      await tier.session.beginIntent(ids.map((id) => ({ ...keyOf(id), ...INTENT })))
      assert.equal(await tier.sequence(), sequence + 1)
      await tier.session.endIntent(
        ids.map((id) => ({ ...keyOf(id), token: 'writer', tags: [], begun: undefined })),
      )
      assert.equal(await tier.sequence(), sequence + 2)
      await tier.invalidate(keys('delete', ...ids))
      assert.equal(await tier.sequence(), sequence + 3)
      await tier.session.set(ids.map((id) => sharedValue(id, 'one')))
      assert.equal(await tier.sequence(), sequence + 6)
      const stamps = (await tier.entries(ids)).map((entry) => entry?.stamp)
      assert.deepEqual(stamps, [sequence + 4, sequence + 5, sequence + 6])
    },
  ),
  sharedCase('a cursor of another epoch, or of none, counts as 0', async (tier) => {
    await tier.invalidate(tags('red'))
    const first = await tier.follow()
    const { shard } = first
    const foreign = { shard, epoch: 'another', cursor: first.sequence, beat: false }
    const whole = await tier.session.follow(foreign)
    assert.deepEqual(whole.changes, first.changes)
    assert.equal(withoutBuckets(whole).length, 1)
  }),
  sharedCase(
    'a cursor above all that was given out means that numbers begin anew',
    async (tier) => {
      await tier.set('a', 'one')
      const { shard, epoch, sequence } = await tier.moment()
      const ahead = { shard, epoch, cursor: sequence + 1_000, beat: true }
      const answer = await tier.session.follow(ahead)
      assert.notEqual(answer.epoch, epoch)
      assert.ok(answer.sequence > sequence + 1_000)
      assert.equal(answer.floor, answer.sequence)
      assert.equal(await tier.entry('a'), undefined)
    },
  ),
  sharedCase('many changes come in pages, and none is left out between them', async (tier) => {
    const before = await tier.moment()
    const names = Array.from({ length: 2_500 }, (_, index) => `tag ${index}`)
    for (let from = 0; from < names.length; from += 7) {
      await tier.invalidate(tags(...names.slice(from, from + 7)))
    }
    const page = await tier.follow(before)
    assert.ok(page.changes.length <= 1_000 && page.upTo < page.sequence)
    const { changes } = await followAll(tier, before)
    const found = changes.map((change) => (change.kind === 'tag' ? change.tag : ''))
    assert.deepEqual(found.toSorted(), names.toSorted())
  }),
  sharedCase('changes of one number stand on one page, whatever their count', async (tier) => {
    await tier.invalidate(tags('first'))
    const before = await tier.moment()
    const names = Array.from({ length: 2_500 }, (_, index) => `tag ${index}`)
    await tier.invalidate(tags(...names))
    await tier.invalidate(tags('last'))
    const { changes } = await followAll(tier, before)
    const found = changes.map((change) => (change.kind === 'tag' ? change.tag : ''))
    assert.deepEqual(found.toSorted(), ['last', ...names].toSorted())
  }),
]

const standings: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase(
    'a beat notes how far its session has followed, for all who ask',
    async (tier, subject) => {
      const other = await openSteps(subject)
      const { shard, epoch, sequence } = await tier.moment()
      assert.deepEqual(await other.session.standings(shard), [])
      await tier.session.follow({ shard, epoch, cursor: sequence, beat: true })
      const [standing, more] = await other.session.standings(shard)
      assert.ok(standing !== undefined && more === undefined)
      assert.deepEqual([standing.epoch, standing.cursor], [epoch, sequence])
      assert.ok(standing.instance.length > 0)
      assert.ok(standing.ageMs >= 0 && standing.ageMs < 5_000)
      await other.session.follow({ shard, epoch: undefined, cursor: 0, beat: true })
      const both = await tier.session.standings(shard)
      assert.deepEqual(both.map(({ cursor }) => cursor).sort(), [0, sequence])
    },
  ),
  sharedCase(
    'a session that has left has no standing, and none by a beat that comes late',
    async (tier, subject) => {
      const other = await openSteps(subject)
      const { shard, epoch, sequence } = await tier.moment()
      const beat = { shard, epoch, cursor: sequence, beat: true }
      await tier.session.follow(beat)
      await other.session.follow({ ...beat, cursor: 0 })
      await tier.session.leave()
      const left = async (): Promise<readonly number[]> =>
        (await other.session.standings(shard)).map(({ cursor }) => cursor)
      assert.deepEqual(await left(), [0])
      const answer = await tier.session.follow(beat)
      assert.deepEqual([answer.epoch, answer.upTo], [epoch, sequence])
      assert.deepEqual(await left(), [0])
    },
  ),
  sharedCase(
    'a session that has not beaten for 10 s has no standing',
    async (tier, { advance }) => {
      const { shard, epoch, sequence } = await tier.moment()
      await tier.session.follow({ shard, epoch, cursor: sequence, beat: true })
      await advance(10_000)
      assert.deepEqual(
        (await tier.session.standings(shard)).map(({ ageMs }) => ageMs),
        [10_000],
      )
      await advance(1)
      assert.deepEqual(await tier.session.standings(shard), [])
    },
    ['settable-clock'],
  ),
]

const hints: readonly ConformanceCase<SharedTierSubject>[] = [
  ...STEPS.map(({ name, run, changes = [], ids = [] }) =>
    sharedCase(
      `${name} is told once, with all that it changed`,
      async (tier, subject) => {
        const { signals } = await openListening(subject)
        const before = await tier.moment()
        await run(tier)
        await subject.heard()
        const [hint, more] = hintsOf(signals, tier)
        assert.ok(hint !== undefined && more === undefined)
        const { shard, epoch, sequence } = await tier.moment()
        assert.deepEqual([hint.shard, hint.epoch, hint.last], [shard, epoch, sequence])
        assert.equal(hint.first, before.sequence + 1)
        assert.equal(hint.sender, tier.session.mark)
        const told = hint.changes.filter(({ kind }) => kind !== 'keys')
        const expected = name === 'an end of writes' ? changes.slice(1) : changes
        const byText = (a: unknown, b: unknown): number =>
          JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
        assert.deepEqual(told.toSorted(byText), expected)
        const named = hint.changes.flatMap((change) => (change.kind === 'keys' ? change.ids : []))
        assert.deepEqual([...new Set(named)].sort(), ids)
        const expire = name === 'an expire' ? 'expire' : 'delete'
        const modes = hint.changes.flatMap((one) => (one.kind === 'keys' ? one.mode : []))
        assert.ok(modes.every((mode) => mode === expire))
      },
      HINTS,
    ),
  ),
  sharedCase(
    'a clear is told as a floor',
    async (tier, subject) => {
      const { signals } = await openListening(subject)
      await tier.invalidate({ kind: 'clear' })
      await subject.heard()
      assert.deepEqual(
        hintsOf(signals, tier).map(({ changes }) => changes),
        [[{ kind: 'floor' }]],
      )
    },
    HINTS,
  ),
  sharedCase(
    'hints leave no number out, whoever changes what, and steps that change nothing are not told',
    async (tier, subject) => {
      const { tier: other, signals } = await openListening(subject)
      let last = (await tier.moment()).sequence
      for (const { run } of [...STEPS, ...QUIET, ...STEPS]) {
        await run(tier)
        await run(other)
      }
      await tier.invalidate({ kind: 'clear' })
      await subject.heard()
      for (const hint of hintsOf(signals, tier).toSorted((a, b) => a.first - b.first)) {
        assert.equal(hint.first, last + 1)
        assert.ok(hint.last >= hint.first)
        ;({ last } = hint)
      }
      assert.equal(last, await tier.sequence())
    },
    HINTS,
  ),
  sharedCase(
    'a write that ended by its deadline is told by the step that meets it',
    async (tier, subject) => {
      await tier.beginIntent('a', 'dead', { deadlineMs: 5_000, tags: ['red'] })
      const before = await tier.moment()
      const { signals } = await openListening(subject)
      await subject.advance(5_000)
      await tier.claim('unrelated', 'loader')
      await subject.heard()
      const [hint, more] = hintsOf(signals, tier)
      assert.ok(hint !== undefined && more === undefined)
      assert.equal(hint.first, before.sequence + 1)
      assert.deepEqual(
        hint.changes.toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
        [
          { kind: 'keys', ids: ['a'], mode: 'delete' },
          { kind: 'tag', tag: 'red', mode: 'delete' },
        ],
      )
    },
    [...HINTS, 'settable-clock'],
  ),
  sharedCase(
    'sessions of another name hear nothing',
    async (_, subject) => {
      const { signals } = await openListening(subject)
      const other = await openSteps(subject, 'suite2')
      await other.set('a', 'one')
      await subject.heard()
      assert.deepEqual(signals, [])
    },
    HINTS,
  ),
]

export const sharedFollowCases: readonly ConformanceCase<SharedTierSubject>[] = [
  ...follows,
  ...standings,
  ...hints,
]
