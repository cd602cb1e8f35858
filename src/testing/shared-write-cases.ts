/**
 * The cases of `sharedTierSuite` about values that were written through: they take the entry's place
 * only if nothing came between the begin of their write and its end.
 */

import assert from 'node:assert/strict'
import type { ConformanceCase } from './conformance-case.ts'
import { openSteps, sharedCase } from './shared-case.ts'
import { answersOf, keyOf, keys, LEASE_MS, type SharedSteps, tags } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

const ID = 'product:1'

interface Between {
  readonly name: string
  run(tier: SharedSteps): Promise<unknown>
}

/** Each comes between a write's begin and its end, so that its value may be older than another. */
const BETWEEN: readonly Between[] = [
  { name: 'the key was deleted', run: (tier) => tier.delete(ID) },
  { name: 'the key was expired', run: (tier) => tier.expire(ID) },
  { name: 'somebody tried to set the key', run: (tier) => tier.set(ID, 'another') },
  { name: 'everything was cleared', run: (tier) => tier.invalidate({ kind: 'clear' }) },
  {
    name: 'the collection was removed',
    run: (tier) => tier.invalidate({ kind: 'collection', collection: 'product' }),
  },
  {
    name: 'a pattern was removed, of whatever keys',
    run: (tier) => tier.invalidate({ kind: 'pattern', collection: 'else', pattern: 'x' }),
  },
  { name: 'its tag was removed', run: (tier) => tier.invalidate(tags('shop')) },
  {
    name: 'its tag was expired',
    run: (tier) => tier.invalidate({ kind: 'tags', tags: ['shop'], match: 'any', mode: 'expire' }),
  },
  {
    name: 'all of its tags were removed',
    run: (tier) =>
      tier.invalidate({ kind: 'tags', tags: ['shop', 'list'], match: 'all', mode: 'delete' }),
  },
  { name: 'another write has begun', run: (tier) => tier.beginIntent(ID, 'another') },
  {
    name: 'another write has begun and ended',
    async run(tier) {
      await tier.beginIntent(ID, 'another')
      await tier.endIntent(ID, 'another')
    },
  },
]

const VALUE_TAGS = ['shop', 'list']

const sets: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('the value of a write stands in its place, as old as its begin', async (tier) => {
    await tier.set(ID, 'old')
    const begun = await tier.beginIntent(ID, 'writer')
    await tier.set('another', 'one')
    const end = await tier.endWith(ID, 'writer', { text: 'new', begun, valueTags: VALUE_TAGS })
    assert.equal(end.kind, 'set')
    const entry = await tier.entry(ID)
    assert.equal(await tier.text(ID), 'new')
    assert.deepEqual([entry?.epoch, entry?.stamp], [begun.epoch, begun.number])
    assert.equal(entry?.storedAt, end.serverNow)
    assert.ok(end.sequence > begun.number)
    await tier.invalidate(tags('shop'))
    assert.equal(await tier.entry(ID), undefined)
  }),
  sharedCase('changes of other keys and tags keep no value from its place', async (tier) => {
    const begun = await tier.beginIntent(ID, 'writer', { tags: ['lists'] })
    await tier.delete('product:2')
    await tier.invalidate(tags('else'))
    await tier.invalidate({ kind: 'collection', collection: 'order' })
    const end = await tier.endWith(ID, 'writer', { text: 'new', begun, valueTags: VALUE_TAGS })
    assert.equal(end.kind, 'set')
    assert.equal(await tier.text(ID), 'new')
  }),
  sharedCase('a write without a value leaves none', async (tier) => {
    const begun = await tier.beginIntent(ID, 'writer')
    assert.equal((await tier.endIntent(ID, 'writer', { begun })).kind, 'removed')
    assert.equal(await tier.entry(ID), undefined)
  }),
  ...BETWEEN.map(({ name, run }) =>
    sharedCase(`a write leaves no value if ${name} meanwhile`, async (tier, subject) => {
      const begun = await tier.beginIntent(ID, 'writer')
      await run(await openSteps(subject))
      const end = await tier.endWith(ID, 'writer', { text: 'new', begun, valueTags: VALUE_TAGS })
      assert.equal(end.kind, 'removed')
      await tier.endIntent(ID, 'another')
      assert.equal(await tier.entry(ID), undefined)
      assert.equal((await tier.claim(ID, 'loader')).kind, 'granted')
    }),
  ),
  ...['first', 'second'].map((earlier) =>
    sharedCase(
      `of two writes that overlap, neither leaves a value if the ${earlier} ends first`,
      async (tier, subject) => {
        const other = await openSteps(subject)
        const first = await tier.beginIntent(ID, 'first')
        const second = await other.beginIntent(ID, 'second')
        const ends = [
          () => tier.endWith(ID, 'first', { text: 'one', begun: first }),
          () => other.endWith(ID, 'second', { text: 'two', begun: second }),
        ]
        for (const end of earlier === 'first' ? ends : ends.reverse()) {
          assert.equal((await end()).kind, 'removed')
          assert.equal(await tier.entry(ID), undefined)
        }
        assert.equal((await tier.claim(ID, 'loader')).kind, 'granted')
      },
    ),
  ),
  sharedCase('a write whose own tags its value carries leaves none', async (tier) => {
    const begun = await tier.beginIntent(ID, 'writer')
    const end = { text: 'new', begun, tags: ['shop'], valueTags: VALUE_TAGS }
    assert.equal((await tier.endWith(ID, 'writer', end)).kind, 'removed')
    assert.equal(await tier.entry(ID), undefined)
  }),
  sharedCase('a write that did not begin, or in another epoch, leaves no value', async (tier) => {
    const { epoch, sequence: number } = await tier.moment()
    const strange = await tier.endWith(ID, 'writer', { text: 'new', begun: { epoch, number } })
    assert.equal(strange.kind, 'removed')
    const begun = await tier.beginIntent(ID, 'writer')
    const other = { ...begun, epoch: 'another' }
    assert.equal((await tier.endWith(ID, 'writer', { text: 'new', begun: other })).kind, 'removed')
    await tier.beginIntent(ID, 'unanswered')
    const end = await tier.endIntent(ID, 'unanswered', {
      value: { envelope: new Uint8Array(1), ttlMs: 1_000, graceMs: 0, valueTags: [] },
    })
    assert.equal(end.kind, 'removed')
    assert.equal(await tier.entry(ID), undefined)
  }),
  sharedCase('a write that begins again goes on under its first begin', async (tier) => {
    const first = await tier.beginIntent(ID, 'writer')
    await tier.set('another', 'one')
    const again = await tier.beginIntent(ID, 'writer')
    assert.deepEqual(again, first)
    const end = await tier.endWith(ID, 'writer', { text: 'new', begun: first })
    assert.equal(end.kind, 'set')
    assert.equal((await tier.entry(ID))?.stamp, first.number)
  }),
  sharedCase('a write that begins again does not take back what it has lost', async (tier) => {
    const begun = await tier.beginIntent(ID, 'writer')
    await tier.delete(ID)
    await tier.beginIntent(ID, 'writer')
    assert.equal((await tier.endWith(ID, 'writer', { text: 'new', begun })).kind, 'removed')
  }),
  sharedCase('of two ends of one key in a batch, neither leaves a value', async (tier) => {
    const begun = await tier.beginIntent(ID, 'writer')
    const value = { envelope: new Uint8Array([7]), ttlMs: 1_000, graceMs: 0, valueTags: [] }
    const write = { ...keyOf(ID), token: 'writer', tags: [], begun, value }
    const stranger = { ...keyOf(ID), token: 'stranger', tags: [], begun: undefined }
    const answers = await tier.session.endIntent([write, stranger])
    assert.deepEqual(
      answersOf(answers).map(({ kind }) => kind),
      ['removed', 'removed'],
    )
    assert.equal(await tier.entry(ID), undefined)
    assert.equal((await tier.claim(ID, 'loader')).kind, 'granted')
  }),
  sharedCase('ends of a batch are answered in order, each for its own key', async (tier) => {
    const begun = await tier.beginIntent('a', 'writer')
    const other = await tier.beginIntent('b', 'writer')
    await tier.delete('b')
    const { epoch, number } = begun
    const value = { envelope: new Uint8Array([7]), ttlMs: 1_000, graceMs: 0, valueTags: [] }
    const end = { token: 'writer', tags: [], value }
    const answers = await tier.session.endIntent([
      { ...keyOf('b'), ...end, begun: other },
      { ...keyOf('a'), ...end, begun: { epoch, number } },
    ])
    assert.deepEqual(
      answersOf(answers).map(({ kind }) => kind),
      ['removed', 'set'],
    )
    assert.deepEqual(
      (await tier.entries(['a', 'b'])).map((entry) => entry?.envelope[0]),
      [7, undefined],
    )
  }),
  sharedCase(
    'a write that ends after its deadline leaves no value',
    async (tier, { advance }) => {
      const begun = await tier.beginIntent(ID, 'slow', { deadlineMs: 5_000 })
      await advance(5_000)
      assert.equal((await tier.endWith(ID, 'slow', { text: 'new', begun })).kind, 'removed')
      assert.equal(await tier.entry(ID), undefined)
    },
    ['settable-clock'],
  ),
  sharedCase(
    'a write that begins again has its deadline from then on',
    async (tier, { advance }) => {
      const begun = await tier.beginIntent(ID, 'writer', { deadlineMs: 5_000 })
      await advance(4_000)
      await tier.beginIntent(ID, 'writer', { deadlineMs: 5_000 })
      await advance(4_000)
      assert.equal((await tier.claim(ID, 'loader')).kind, 'writing')
      assert.equal((await tier.endWith(ID, 'writer', { text: 'new', begun })).kind, 'set')
    },
    ['settable-clock'],
  ),
]

const kept: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('nobody fills in the name of a write', async (tier) => {
    const { epoch, number: grant } = await tier.beginIntent(ID, 'writer')
    const fill = await tier.fill(ID, 'no', { token: 'writer', grant, epoch })
    assert.equal(fill.kind, 'refused')
    await tier.endIntent(ID, 'writer')
    assert.equal(await tier.entry(ID), undefined)
  }),
  sharedCase('the lease of a write is free again when it has ended', async (tier) => {
    const begun = await tier.beginIntent(ID, 'writer')
    await tier.endWith(ID, 'writer', { text: 'new', begun })
    const lease = await tier.begin(ID, 'loader', Number.POSITIVE_INFINITY)
    assert.equal((await tier.fill(ID, 'loaded', lease)).kind, 'stored')
    await tier.invalidate(keys('delete', ID))
    await tier.beginIntent(ID, 'writer', { deadlineMs: LEASE_MS })
    await tier.endIntent(ID, 'writer')
    assert.equal((await tier.claim(ID, 'loader')).kind, 'granted')
  }),
]

export const sharedWriteCases: readonly ConformanceCase<SharedTierSubject>[] = [...sets, ...kept]
