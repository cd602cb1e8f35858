/**
 * The cases of `sharedTierSuite` about intents: while a key is being written, nobody serves or fills
 * it, and a writer that dies leaves nothing behind.
 */

import assert from 'node:assert/strict'
import type { ConformanceCase } from './conformance-case.ts'
import { openSteps, sharedCase } from './shared-case.ts'
import {
  answersOf,
  keyOf,
  keys,
  LEASE_MS,
  LIFE_MS,
  type SharedSteps,
  sharedValue,
  tags,
} from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

async function isWriting(tier: SharedSteps, id: string): Promise<boolean> {
  return (await tier.claim(id, 'asker')).kind === 'writing'
}

const masks: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase(
    'while a key is being written, nobody is served or granted it',
    async (tier, subject) => {
      const other = await openSteps(subject)
      await tier.set('a', 'old', { graceMs: LIFE_MS })
      await tier.beginIntent('a', 'writer')
      assert.equal(await other.entry('a'), undefined)
      assert.deepEqual((await other.claim('a', 'loader')).kind, 'writing')
      assert.deepEqual((await other.claim('a', 'loader', Number.POSITIVE_INFINITY)).kind, 'writing')
      assert.equal(await other.delete('a'), false)
      assert.deepEqual((await other.session.scan('', undefined, 100)).keys, [])
      assert.equal((await other.claim('b', 'loader')).kind, 'granted')
    },
  ),
  sharedCase(
    'a set of a key that is being written stores nothing, also for later',
    async (tier) => {
      await tier.set('a', 'old')
      await tier.beginIntent('a', 'writer')
      const answers = await tier.session.set([sharedValue('b', 'B'), sharedValue('a', 'A')])
      assert.deepEqual(
        answersOf(answers).map(({ kind }) => kind),
        ['stored', 'writing'],
      )
      assert.equal(await tier.entry('a'), undefined)
      await tier.endIntent('a', 'writer')
      assert.equal(await tier.entry('a'), undefined)
      assert.equal(await tier.text('b'), 'B')
    },
  ),
  sharedCase(
    'a load that began before a write is not stored during it or after it',
    async (tier) => {
      const during = await tier.begin('a', 'during')
      const after = await tier.begin('b', 'after')
      for (const id of ['a', 'b']) await tier.beginIntent(id, 'writer')
      assert.equal((await tier.fill('a', 'old', during)).kind, 'refused')
      for (const id of ['a', 'b']) await tier.endIntent(id, 'writer')
      assert.equal((await tier.fill('b', 'old', after)).kind, 'refused')
      assert.equal((await tier.fill('a', 'old', during)).kind, 'refused')
      assert.equal(await tier.entry('a'), undefined)
      assert.equal(await tier.entry('b'), undefined)
    },
  ),
  sharedCase(
    'after a write has ended, the key is missing and may be loaded or set',
    async (tier) => {
      await tier.set('a', 'old')
      await tier.beginIntent('a', 'writer')
      await tier.endIntent('a', 'writer')
      assert.equal(await tier.entry('a'), undefined)
      const lease = await tier.begin('a', 'loader')
      assert.equal((await tier.fill('a', 'loaded', lease)).kind, 'stored')
      assert.equal(await tier.text('a'), 'loaded')
      await tier.beginIntent('a', 'writer')
      await tier.endIntent('a', 'writer')
      assert.equal((await tier.set('a', 'set')).kind, 'stored')
      assert.equal(await tier.text('a'), 'set')
    },
  ),
  sharedCase('removals do not end a write', async (tier) => {
    await tier.beginIntent('product:1', 'writer', { tags: ['red'] })
    await tier.delete('product:1')
    await tier.expire('product:1')
    await tier.invalidate(tags('red'))
    await tier.session.invalidate({ kind: 'collection', collection: 'product' })
    await tier.session.invalidate({ kind: 'clear' })
    assert.equal(await isWriting(tier, 'product:1'), true)
    await tier.endIntent('product:1', 'writer')
    assert.equal(await isWriting(tier, 'product:1'), false)
  }),
  sharedCase('intents of a batch are answered in order', async (tier) => {
    const before = await tier.sequence()
    const requests = ['a', 'b', 'a'].map((id, index) => ({
      ...keyOf(id),
      token: `writer ${index}`,
      tags: [],
      begun: undefined,
    }))
    const begun = answersOf(
      await tier.session.beginIntent(
        requests.map((request) => ({ ...request, deadlineMs: LEASE_MS })),
      ),
    )
    assert.equal(begun.length, 3)
    assert.ok(begun.every(({ sequence }) => sequence > before))
    const ended = answersOf(await tier.session.endIntent(requests.slice(0, 2)))
    assert.equal(ended.length, 2)
    assert.ok(ended.every(({ sequence }) => sequence > (begun[2]?.sequence ?? 0)))
    assert.equal(await isWriting(tier, 'a'), true)
    assert.equal(await isWriting(tier, 'b'), false)
  }),
]

const ends: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('writes of one key that overlap end one by one', async (tier, subject) => {
    const other = await openSteps(subject)
    await tier.beginIntent('a', 'first')
    await other.beginIntent('a', 'second')
    await tier.endIntent('a', 'first')
    assert.equal(await isWriting(tier, 'a'), true)
    assert.equal((await tier.set('a', 'one')).kind, 'writing')
    await other.endIntent('a', 'second')
    assert.equal(await isWriting(tier, 'a'), false)
  }),
  sharedCase('a write that begins twice is one write', async (tier) => {
    await tier.beginIntent('a', 'writer')
    await tier.beginIntent('a', 'writer')
    await tier.endIntent('a', 'writer')
    assert.equal(await isWriting(tier, 'a'), false)
  }),
  sharedCase("an end of a write that is not there leaves others' writes standing", async (tier) => {
    await tier.beginIntent('a', 'writer')
    await tier.endIntent('a', 'stranger')
    await tier.endIntent('b', 'writer')
    assert.equal(await isWriting(tier, 'a'), true)
  }),
  sharedCase('the tags of a write are removed when it ends, and not before', async (tier) => {
    await tier.set('listed', 'old', { tags: ['red'] })
    const loading = await tier.begin('loading', 'loader')
    await tier.beginIntent('a', 'writer', { tags: ['red'] })
    assert.equal(await tier.text('listed'), 'old')
    await tier.endIntent('a', 'writer', { tags: ['red'] })
    assert.equal(await tier.text('listed'), undefined)
    const late = await tier.fill('loading', 'old', loading, { tags: ['red'] })
    assert.equal(late.kind, 'refused')
  }),
  sharedCase(
    'the end of a write removes what stands in its place, and cuts its load off',
    async (tier) => {
      await tier.set('a', 'old')
      await tier.endIntent('a', 'late')
      assert.equal(await tier.entry('a'), undefined)
      const lease = await tier.begin('a', 'loader')
      await tier.endIntent('a', 'late')
      assert.equal((await tier.fill('a', 'old', lease)).kind, 'refused')
    },
  ),
]

const deaths: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase(
    'a write whose writer died ends at its deadline, and takes its tags with it',
    async (tier, { advance }) => {
      await tier.set('a', 'old')
      await tier.set('listed', 'old', { tags: ['red'] })
      await tier.set('other', 'old', { tags: ['blue'] })
      const loading = await tier.begin('loading', 'loader')
      await tier.beginIntent('a', 'dead', { deadlineMs: 5_000, tags: ['red'] })
      await advance(4_999)
      assert.equal(await isWriting(tier, 'a'), true)
      assert.equal(await tier.text('listed'), 'old')
      await advance(1)
      assert.equal((await tier.claim('a', 'loader')).kind, 'granted')
      assert.equal(await tier.entry('a'), undefined)
      assert.equal(await tier.text('listed'), undefined)
      assert.equal(await tier.text('other'), 'old')
      const late = await tier.fill('loading', 'old', loading, { tags: ['red'] })
      assert.equal(late.kind, 'refused')
    },
    ['settable-clock'],
  ),
  sharedCase(
    'a set that meets a write past its deadline ends it and is stored',
    async (tier, { advance }) => {
      await tier.set('listed', 'old', { tags: ['red'] })
      await tier.beginIntent('a', 'dead', { deadlineMs: 5_000, tags: ['red'] })
      await advance(4_999)
      assert.equal((await tier.set('a', 'early')).kind, 'writing')
      await advance(1)
      assert.equal((await tier.set('a', 'new', { tags: ['red'] })).kind, 'stored')
      assert.equal(await tier.text('a'), 'new')
      assert.equal(await tier.text('listed'), undefined)
    },
    ['settable-clock'],
  ),
  sharedCase(
    'a write that meets one past its deadline ends that, and stands alone',
    async (tier, { advance }) => {
      await tier.set('listed', 'old', { tags: ['red'] })
      await tier.beginIntent('a', 'dead', { deadlineMs: 5_000, tags: ['red'] })
      await advance(5_000)
      await tier.beginIntent('a', 'writer')
      assert.equal(await tier.text('listed'), undefined)
      assert.equal(await isWriting(tier, 'a'), true)
      await tier.endIntent('a', 'writer')
      assert.equal(await isWriting(tier, 'a'), false)
    },
    ['settable-clock'],
  ),
  sharedCase(
    'of two writes that overlap, each has its own deadline',
    async (tier, { advance }) => {
      await tier.beginIntent('a', 'short', { deadlineMs: 2_000 })
      await tier.beginIntent('a', 'long', { deadlineMs: 5_000 })
      await advance(2_000)
      assert.equal(await isWriting(tier, 'a'), true)
      await advance(2_999)
      assert.equal(await isWriting(tier, 'a'), true)
      await advance(1)
      assert.equal(await isWriting(tier, 'a'), false)
    },
    ['settable-clock'],
  ),
  sharedCase(
    'a writer that ends after its deadline removes what was loaded meanwhile',
    async (tier, { advance }) => {
      await tier.beginIntent('a', 'slow', { deadlineMs: 5_000 })
      await advance(5_000)
      const lease = await tier.begin('a', 'loader')
      await tier.fill('a', 'older than the write', lease)
      await tier.endIntent('a', 'slow')
      assert.equal(await tier.entry('a'), undefined)
    },
    ['settable-clock'],
  ),
  sharedCase(
    'a write stands for minutes if its deadline says so, whatever is cleaned up',
    async (tier, { advance }) => {
      await tier.set('other', 'one', { ttlMs: 1_000 })
      await tier.beginIntent('a', 'writer', { deadlineMs: 10 * LIFE_MS })
      await advance(9 * LIFE_MS)
      await tier.session.invalidate(keys('delete', 'other'))
      assert.equal(await isWriting(tier, 'a'), true)
    },
    ['settable-clock'],
  ),
]

export const sharedIntentCases: readonly ConformanceCase<SharedTierSubject>[] = [
  ...masks,
  ...ends,
  ...deaths,
]
