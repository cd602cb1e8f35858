/**
 * The cases of `sharedTierSuite` about races: something changes while a value is being loaded, and
 * the value that was read before the change must not be stored after it.
 */

import assert from 'node:assert/strict'
import { type SharedCase, sharedCase } from './shared-case.ts'
import { type Lease, SharedSteps } from './shared-steps.ts'

/** Changes that make whatever is being loaded for `product:1`, with the tag `shop`, too old. */
const CHANGES: readonly (readonly [
  name: string,
  change: (tier: SharedSteps) => Promise<unknown>,
])[] = [
  ['the key is deleted', (tier) => tier.delete('product:1')],
  ['the key is expired', (tier) => tier.expire('product:1')],
  [
    'its tag is removed',
    ({ session }) => session.invalidate({ kind: 'tags', tags: ['x', 'shop'] }),
  ],
  [
    'its collection is removed',
    ({ session }) => session.invalidate({ kind: 'collection', collection: 'product' }),
  ],
  ['everything is cleared', ({ session }) => session.invalidate({ kind: 'clear' })],
  ['a write of it begins', (tier) => tier.beginIntent('product:1', 'writer')],
  ['a write of it ends', (tier) => tier.endIntent('product:1', 'writer')],
]

const PRODUCT = { tags: ['shop'] }

async function assertRefused(tier: SharedSteps, lease: Lease): Promise<void> {
  assert.equal((await tier.fill('product:1', 'old', lease, PRODUCT)).kind, 'refused')
  assert.equal(await tier.text('product:1'), undefined)
}

export const sharedRaceCases: readonly SharedCase[] = [
  ...CHANGES.map(([name, change]) =>
    sharedCase(`a value is refused if ${name} during its load`, async (tier) => {
      const lease = await tier.begin('product:1', 'a')
      await change(tier)
      await assertRefused(tier, lease)
    }),
  ),

  ...CHANGES.map(([name, change]) =>
    sharedCase(`a value is stored if ${name} before its load begins`, async (tier) => {
      await change(tier)
      // Ends the write that one of the changes begins; for the others it is one change more.
      await tier.endIntent('product:1', 'writer')
      const lease = await tier.begin('product:1', 'a')
      assert.equal((await tier.fill('product:1', 'new', lease, PRODUCT)).kind, 'stored')
      assert.equal(await tier.text('product:1'), 'new')
    }),
  ),

  sharedCase(
    'a change that another process makes during the load counts too',
    async (tier, subject) => {
      const other = subject.open()
      await other.ready
      const lease = await tier.begin('product:1', 'a')
      await new SharedSteps(other).delete('product:1')
      await other.close()
      await assertRefused(tier, lease)
    },
  ),

  sharedCase('a value that is set during a load stays', async (tier) => {
    const lease = await tier.begin('k', 'a')
    await tier.set('k', 'set')
    assert.equal((await tier.fill('k', 'loaded', lease)).kind, 'refused')
    assert.equal(await tier.text('k'), 'set')
  }),

  sharedCase(
    'the load that replaces one cut off is stored, whichever comes first',
    async (tier) => {
      const first = await tier.begin('k', 'a')
      await tier.delete('k')
      const second = await tier.begin('k', 'b')
      assert.equal((await tier.fill('k', 'old', first)).kind, 'refused')
      assert.equal((await tier.fill('k', 'new', second)).kind, 'stored')
      assert.equal(await tier.text('k'), 'new')
    },
  ),

  sharedCase('changes of other keys, tags and collections leave a load alone', async (tier) => {
    const lease = await tier.begin('product:1', 'a')
    await tier.delete('product:2')
    await tier.set('product:3', 'three')
    await tier.session.invalidate({ kind: 'tags', tags: ['product', 'sho', 'shop:', 'Shop'] })
    await tier.session.invalidate({ kind: 'collection', collection: 'products' })
    await tier.session.invalidate({ kind: 'collection', collection: '' })
    await tier.beginIntent('product:2', 'writer', { tags: ['else'] })
    await tier.endIntent('product:2', 'writer', { tags: ['else'] })
    assert.equal((await tier.fill('product:1', 'one', lease, PRODUCT)).kind, 'stored')
    assert.equal(await tier.text('product:1'), 'one')
  }),

  sharedCase('a refused value ends its lease, so that nobody waits for it', async (tier) => {
    const lease = await tier.begin('product:1', 'a')
    await tier.session.invalidate({ kind: 'tags', tags: ['shop'] })
    await assertRefused(tier, lease)
    assert.equal((await tier.claim('product:1', 'b')).kind, 'granted')
  }),

  sharedCase('nobody waits for a load that a clear has cut off', async (tier) => {
    const lease = await tier.begin('k', 'a')
    await tier.session.invalidate({ kind: 'clear' })
    const next = await tier.begin('k', 'b')
    assert.equal((await tier.fill('k', 'old', lease)).kind, 'refused')
    assert.equal((await tier.fill('k', 'new', next)).kind, 'stored')
  }),
]
