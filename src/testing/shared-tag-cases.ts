/** The cases of `sharedTierSuite` about tags that are expired, and about several tags together. */

import assert from 'node:assert/strict'
import type { Invalidation } from '../contracts/shared-tier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { sharedCase } from './shared-case.ts'
import { keys, LIFE_MS, tags, textOf } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

const GRACED = { graceMs: LIFE_MS } as const

function expired(...names: readonly string[]): Invalidation {
  return { kind: 'tags', tags: names, match: 'any', mode: 'expire' }
}

function all(...names: readonly string[]): Invalidation {
  return { kind: 'tags', tags: names, match: 'all', mode: 'delete' }
}

const expiries: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('an expired tag leaves its entries in grace, and no others', async (tier) => {
    await tier.set('a', 'old', { ...GRACED, tags: ['red', 'blue'] })
    await tier.set('b', 'old', { ...GRACED, tags: ['blue'] })
    await tier.invalidate(expired('red'))
    const claim = await tier.claim('a', 'loader')
    assert.ok(claim.kind === 'granted')
    assert.equal(textOf(claim.entry), 'old')
    assert.equal((await tier.claim('b', 'loader')).kind, 'fresh')
    const lease = { token: 'loader', grant: claim.grant, epoch: claim.epoch }
    const filled = await tier.fill('a', 'new', lease, { tags: ['red'] })
    assert.equal(filled.kind, 'stored')
    assert.equal((await tier.claim('a', 'reader')).kind, 'fresh')
  }),
  sharedCase('an entry without grace is gone when its tag is expired', async (tier) => {
    await tier.set('a', 'old', { tags: ['red'] })
    await tier.invalidate(expired('red'))
    assert.equal(await tier.entry('a'), undefined)
  }),
  sharedCase('what waits for the load of an expired tag is handed the old value', async (tier) => {
    await tier.set('a', 'old', { ...GRACED, tags: ['red'] })
    await tier.invalidate(expired('red'))
    await tier.begin('a', 'loader')
    const claim = await tier.claim('a', 'waiter')
    assert.ok(claim.kind === 'wait')
    assert.equal(textOf(claim.entry), 'old')
  }),
  sharedCase('a load is not stored if its tag was expired since it began', async (tier) => {
    const lease = await tier.begin('a', 'loader')
    await tier.invalidate(expired('red'))
    const late = await tier.fill('a', 'old', lease, { ...GRACED, tags: ['red'] })
    assert.equal(late.kind, 'refused')
    const next = await tier.begin('a', 'next')
    assert.equal((await tier.fill('a', 'new', next, { tags: ['red'] })).kind, 'stored')
  }),
  sharedCase('a touch gives no new life to an entry of an expired tag', async (tier) => {
    await tier.set('a', 'old', { ...GRACED, tags: ['red'] })
    const seen = await tier.entry('a')
    assert.ok(seen !== undefined)
    await tier.invalidate(expired('red'))
    assert.equal((await tier.touch('a', seen)).kind, 'gone')
    assert.equal((await tier.claim('a', 'loader')).kind, 'granted')
  }),
  sharedCase('an expired tag that is removed leaves no grace', async (tier) => {
    await tier.set('a', 'old', { ...GRACED, tags: ['red'] })
    await tier.invalidate(expired('red'))
    await tier.invalidate(tags('red'))
    assert.equal(await tier.entry('a'), undefined)
    await tier.set('a', 'old', { ...GRACED, tags: ['red'] })
    await tier.invalidate(tags('red'))
    await tier.invalidate(expired('red'))
    assert.equal(await tier.entry('a'), undefined)
  }),
  sharedCase('an entry of an expired tag is found by a delete', async (tier) => {
    await tier.set('a', 'old', { ...GRACED, tags: ['red'] })
    await tier.invalidate(expired('red'))
    assert.equal(await tier.delete('a'), true)
  }),
]

const sets: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('only what carries all of the tags leaves with them', async (tier) => {
    await tier.set('both', 'one', { tags: ['blue', 'red', 'green'] })
    await tier.set('red', 'one', { tags: ['red'] })
    await tier.set('two', 'one', { tags: ['blue', 'green'] })
    await tier.set('none', 'one')
    await tier.invalidate(all('red', 'blue'))
    assert.deepEqual(await tier.texts('both', 'red', 'two', 'none'), [
      undefined,
      'one',
      'one',
      'one',
    ])
    await tier.set('both', 'new', { tags: ['red', 'blue'] })
    assert.equal(await tier.text('both'), 'new')
    await tier.set('outer', 'one', { tags: ['a', 'c'] })
    await tier.invalidate(all('a', 'b', 'c'))
    assert.equal((await tier.claim('outer', 'loader')).kind, 'fresh')
  }),
  sharedCase('all of one tag are its entries', async (tier) => {
    await tier.set('a', 'one', { tags: ['red'] })
    await tier.invalidate(all('red', 'red'))
    assert.equal(await tier.entry('a'), undefined)
  }),
  sharedCase('all of no tags is nothing', async (tier) => {
    const { sequence } = await tier.moment()
    await tier.set('a', 'one', { tags: ['red'] })
    await tier.invalidate(all())
    await tier.invalidate(expired())
    assert.equal(await tier.text('a'), 'one')
    assert.equal(await tier.sequence(), sequence + 1)
  }),
  sharedCase(
    'older sets of tags do not hide later ones from what was written between',
    async (tier) => {
      await tier.invalidate(all('a', 'x'))
      await tier.invalidate(all('a', 'b'))
      await tier.set('same first', 'old', { tags: ['a', 'b', 'x'] })
      await tier.set('other first', 'old', { tags: ['a', 'c', 'd', 'x'] })
      await tier.set('neither', 'old', { tags: ['a', 'c', 'x'] })
      await tier.invalidate(all('a', 'b'))
      await tier.invalidate(all('c', 'd'))
      assert.equal((await tier.claim('same first', 'loader')).kind, 'granted')
      assert.equal((await tier.claim('other first', 'loader')).kind, 'granted')
      assert.equal((await tier.claim('neither', 'loader')).kind, 'fresh')
    },
  ),
  sharedCase(
    'a set of tags that is removed again takes what is older than its last time',
    async (tier) => {
      await tier.invalidate(all('a', 'b'))
      await tier.invalidate(all('a', 'x'))
      await tier.set('older', 'old', { tags: ['a', 'b'] })
      await tier.invalidate(all('a', 'b'))
      await tier.set('newer', 'new', { tags: ['a', 'b', 'x'] })
      assert.equal((await tier.claim('older', 'loader')).kind, 'granted')
      assert.equal((await tier.claim('newer', 'loader')).kind, 'fresh')
    },
  ),
  sharedCase(
    'a load is not stored if all of some of its tags left since it began',
    async (tier) => {
      const both = await tier.begin('both', 'loader')
      const one = await tier.begin('one', 'loader')
      await tier.invalidate(all('red', 'blue'))
      const answers = [
        await tier.fill('both', 'old', both, { tags: ['blue', 'red'] }),
        await tier.fill('one', 'old', one, { tags: ['blue'] }),
      ]
      assert.deepEqual(
        answers.map(({ kind }) => kind),
        ['refused', 'stored'],
      )
    },
  ),
  sharedCase(
    'of more sets of tags than are kept, the oldest takes all entries of its first tag',
    async (tier) => {
      await tier.set('first', 'old', { tags: ['a'] })
      await tier.set('second', 'old', { tags: ['b'] })
      await tier.set('plain', 'old')
      await tier.invalidate(all('b', 'a'))
      for (let index = 0; index < 1_000; index += 1) {
        await tier.invalidate(all('x', `y${index}`))
      }
      assert.deepEqual(await tier.texts('first', 'second', 'plain'), [undefined, 'old', 'old'])
      await tier.set('both', 'new', { tags: ['a', 'b'] })
      assert.equal(await tier.text('both'), 'new')
      await tier.invalidate(keys('delete', 'both'))
    },
  ),
]

export const sharedTagCases: readonly ConformanceCase<SharedTierSubject>[] = [...expiries, ...sets]
