/** The cases of `sharedTierSuite` about waiting: who was told to wait hears when there is no need. */

import assert from 'node:assert/strict'
import type { SharedSignal } from '../contracts/shared-tier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { openListening, sharedCase } from './shared-case.ts'
import { LEASE_MS, type Lease, type SharedSteps } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

const HINTS = ['exact-hints']
const ID = 'product:1'

interface End {
  readonly name: string
  run(tier: SharedSteps, lease: Lease): Promise<unknown>
}

const ENDS: readonly End[] = [
  { name: 'its value is stored', run: (tier, lease) => tier.fill(ID, 'one', lease) },
  { name: 'it is given back', run: (tier, { token, grant }) => tier.release(ID, token, grant) },
  { name: 'the key is set', run: (tier) => tier.set(ID, 'one') },
  { name: 'the key is deleted', run: (tier) => tier.delete(ID) },
  { name: 'the key is expired', run: (tier) => tier.expire(ID) },
  { name: 'a write begins', run: (tier) => tier.beginIntent(ID, 'writer') },
  { name: 'a write ends', run: (tier) => tier.endIntent(ID, 'writer') },
  { name: 'everything is cleared', run: (tier) => tier.invalidate({ kind: 'clear' }) },
  {
    name: 'its collection is removed',
    run: (tier) => tier.invalidate({ kind: 'collection', collection: 'product' }),
  },
  {
    name: 'a pattern is removed',
    run: (tier) => tier.invalidate({ kind: 'pattern', collection: 'product', pattern: 'x' }),
  },
]

const releasedOf = (signals: readonly SharedSignal[]): readonly string[] =>
  signals.flatMap((signal) => (signal.kind === 'released' ? signal.ids : []))

export const sharedWaitingCases: readonly ConformanceCase<SharedTierSubject>[] = [
  ...ENDS.map(({ name, run }) =>
    sharedCase(
      `who waits for a lease hears of its end when ${name}`,
      async (tier, subject) => {
        const { tier: other, signals } = await openListening(subject)
        const lease = await tier.begin(ID, 'loader')
        assert.equal((await other.claim(ID, 'waiter')).kind, 'wait')
        await tier.begin('product:2', 'loader')
        await run(tier, lease)
        await subject.heard()
        assert.deepEqual(releasedOf(signals), [ID])
      },
      HINTS,
    ),
  ),
  sharedCase(
    'the end of a lease that nobody waits for is not told',
    async (tier, subject) => {
      const { signals } = await openListening(subject)
      for (const { run } of ENDS) {
        await run(tier, await tier.begin(ID, 'loader'))
        await tier.endIntent(ID, 'writer')
        await tier.delete(ID)
      }
      await subject.heard()
      assert.deepEqual(releasedOf(signals), [])
    },
    HINTS,
  ),
  sharedCase(
    'an end is told once: the next lease is waited for anew',
    async (tier, subject) => {
      const { tier: other, signals } = await openListening(subject)
      const lease = await tier.begin(ID, 'loader')
      await other.claim(ID, 'waiter')
      await tier.release(ID, lease.token, lease.grant)
      const next = await tier.begin(ID, 'next')
      await tier.release(ID, next.token, next.grant)
      await subject.heard()
      assert.deepEqual(releasedOf(signals), [ID])
    },
    HINTS,
  ),
  sharedCase(
    'a removal of a collection leaves those alone who wait for keys of others',
    async (tier, subject) => {
      const { tier: other, signals } = await openListening(subject)
      const lease = await tier.begin('order:1', 'loader')
      await other.claim('order:1', 'waiter')
      await tier.invalidate({ kind: 'collection', collection: 'product' })
      await subject.heard()
      assert.deepEqual(releasedOf(signals), [])
      assert.equal((await tier.fill('order:1', 'one', lease)).kind, 'stored')
    },
    HINTS,
  ),
  sharedCase('a release that names another grant leaves the lease alone', async (tier) => {
    const lease = await tier.begin(ID, 'loader')
    await tier.release(ID, 'loader', lease.grant - 1)
    assert.equal((await tier.claim(ID, 'waiter')).kind, 'wait')
    await tier.release(ID, 'loader', lease.grant)
    assert.equal((await tier.claim(ID, 'waiter')).kind, 'granted')
  }),
  sharedCase(
    'a lease that has run out is told when another takes its place',
    async (tier, subject) => {
      const { tier: other, signals } = await openListening(subject)
      await tier.begin(ID, 'dead')
      await other.claim(ID, 'waiter')
      await subject.advance(LEASE_MS)
      await tier.begin(ID, 'next')
      await subject.heard()
      assert.deepEqual(releasedOf(signals), [ID])
    },
    [...HINTS, 'settable-clock'],
  ),
]
