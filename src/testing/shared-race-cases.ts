/**
 * The cases of `sharedTierSuite` about races: each change there is, before a load and in the middle
 * of one. A value that was read before the change is never stored after it, and one that was read
 * after it always is.
 */

import assert from 'node:assert/strict'
import type { ConformanceCase } from './conformance-case.ts'
import { openSteps, sharedCase } from './shared-case.ts'
import { type SharedSteps, sharedValue, tags, textOf } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

const ID = 'product:1'
const SHOP = { tags: ['shop'] }

interface Change {
  readonly name: string
  run(tier: SharedSteps): Promise<unknown>
}

/** Each makes whatever is being loaded for `ID`, with the tag `shop`, too old. */
const CHANGES: readonly Change[] = [
  { name: 'the key is deleted', run: (tier) => tier.delete(ID) },
  { name: 'the key is expired', run: (tier) => tier.expire(ID) },
  {
    name: 'its tag is removed',
    run: (tier) => tier.invalidate(tags('else', 'shop')),
  },
  {
    name: 'its collection is removed',
    run: ({ session }) => session.invalidate({ kind: 'collection', collection: 'product' }),
  },
  { name: 'everything is cleared', run: ({ session }) => session.invalidate({ kind: 'clear' }) },
  {
    name: 'it is written',
    async run(tier) {
      await tier.beginIntent(ID, 'writer')
      await tier.endIntent(ID, 'writer')
    },
  },
  { name: 'a write of it ends', run: (tier) => tier.endIntent(ID, 'writer') },
  {
    name: 'a write with its tag ends',
    async run(tier) {
      await tier.beginIntent('elsewhere', 'writer', SHOP)
      await tier.endIntent('elsewhere', 'writer', SHOP)
    },
  },
]

const changes = CHANGES.flatMap(({ name, run }) => [
  sharedCase(`a value is refused if ${name} during its load`, async (tier, subject) => {
    const lease = await tier.begin(ID, 'loader')
    await run(await openSteps(subject))
    assert.equal((await tier.fill(ID, 'old', lease, SHOP)).kind, 'refused')
    assert.equal(await tier.text(ID), undefined)
    assert.equal((await tier.claim(ID, 'next')).kind, 'granted')
  }),
  sharedCase(`a value is stored if ${name} before its load begins`, async (tier, subject) => {
    await run(await openSteps(subject))
    const lease = await tier.begin(ID, 'loader')
    assert.equal((await tier.fill(ID, 'new', lease, SHOP)).kind, 'stored')
    assert.equal(await tier.text(ID), 'new')
  }),
])

const others: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase('changes of other keys, tags and collections leave a load alone', async (tier) => {
    const lease = await tier.begin(ID, 'loader')
    await tier.delete('product:2')
    await tier.set('product:3', 'three')
    await tier.invalidate(tags('product', 'sho', 'shop:', 'Shop'))
    await tier.session.invalidate({ kind: 'collection', collection: 'products' })
    await tier.session.invalidate({ kind: 'collection', collection: '' })
    await tier.beginIntent('product:2', 'writer', { tags: ['else'] })
    await tier.endIntent('product:2', 'writer', { tags: ['else'] })
    assert.equal((await tier.fill(ID, 'one', lease, SHOP)).kind, 'stored')
    assert.equal(await tier.text(ID), 'one')
  }),
  sharedCase('a touch leaves an entry alone that a later load has replaced', async (tier) => {
    await tier.fill('a', 'one', await tier.begin('a', 'first'))
    const seen = await tier.entry('a')
    assert.ok(seen !== undefined)
    await tier.set('another', 'one')
    const refresh = await tier.begin('a', 'second', Number.POSITIVE_INFINITY)
    assert.equal((await tier.fill('a', 'two', refresh)).kind, 'stored')
    assert.equal((await tier.touch('a', seen)).kind, 'gone')
  }),
  sharedCase('a fill with another number than that of its lease is refused', async (tier) => {
    const lease = await tier.begin('a', 'loader')
    for (const grant of [lease.grant - 1, lease.grant + 1]) {
      assert.equal((await tier.fill('a', 'no', { ...lease, grant })).kind, 'refused')
    }
    assert.equal(await tier.text('a'), undefined)
  }),
  sharedCase('bytes are copied: whoever writes into them later changes no entry', async (tier) => {
    const value = sharedValue('a', 'whole')
    await tier.session.set([value])
    value.envelope.fill(0)
    const seen = await tier.entry('a')
    assert.equal(textOf(seen), 'whole')
    seen?.envelope.fill(0)
    assert.equal(await tier.text('a'), 'whole')
  }),
  sharedCase('the end of a write removes the tags named at its beginning too', async (tier) => {
    await tier.set('list', 'one', SHOP)
    await tier.beginIntent('a', 'writer', SHOP)
    await tier.endIntent('a', 'writer')
    assert.equal(await tier.text('list'), undefined)
  }),
  sharedCase(
    'the tags of a dead writer leave with the next claim, whichever key it is of',
    async (tier, { advance }) => {
      await tier.set('list', 'one', SHOP)
      await tier.beginIntent('a', 'dead', { deadlineMs: 1_000, tags: ['shop'] })
      await advance(1_000)
      await tier.claim('unrelated', 'loader')
      assert.equal(await tier.text('list'), undefined)
    },
    ['settable-clock'],
  ),
]

export const sharedRaceCases: readonly ConformanceCase<SharedTierSubject>[] = [
  ...changes,
  ...others,
]
