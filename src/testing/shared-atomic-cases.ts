/** The cases of `sharedTierSuite` about batches that are one step: all of it, or nothing. */

import assert from 'node:assert/strict'
import type { AtomicAnswer } from '../contracts/shared-tier.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { openSteps, sharedCase } from './shared-case.ts'
import { keyOf, LIFE_MS, sharedValue, tags, textOf } from './shared-steps.ts'
import type { SharedTierSubject } from './shared-tier-subject.ts'

function answersOf(answer: AtomicAnswer): readonly unknown[] {
  assert.ok(answer.kind === 'done', `the batch was answered ${answer.kind}`)
  return answer.answers.map((one) => {
    return one.op === 'read' ? { op: 'read', text: textOf(one.entry) } : one
  })
}

export const sharedAtomicCases: readonly ConformanceCase<SharedTierSubject>[] = [
  sharedCase(
    'a batch is answered in order, and its reads see what stood before it',
    async (tier) => {
      await tier.session.set([sharedValue('a', 'A'), sharedValue('b', 'B')])
      const before = await tier.moment()
      const answer = await tier.session.atomic([
        { op: 'set', value: sharedValue('a', 'new') },
        { op: 'read', key: keyOf('a') },
        { op: 'delete', key: keyOf('b') },
        { op: 'delete', key: keyOf('none') },
        { op: 'read', key: keyOf('b') },
        { op: 'read', key: keyOf('none') },
      ])
      assert.deepEqual(answersOf(answer), [
        { op: 'set' },
        { op: 'read', text: 'A' },
        { op: 'delete', found: true },
        { op: 'delete', found: false },
        { op: 'read', text: 'B' },
        { op: 'read', text: undefined },
      ])
      assert.ok(answer.sequence > before.sequence && answer.epoch === before.epoch)
      assert.deepEqual(await tier.texts('a', 'b'), ['new', undefined])
    },
  ),
  sharedCase(
    'a batch sets nothing while one of its keys is being written',
    async (tier, subject) => {
      const other = await openSteps(subject)
      await tier.set('b', 'B')
      await other.beginIntent('a', 'writer')
      const before = await tier.moment()
      const answer = await tier.session.atomic([
        { op: 'delete', key: keyOf('b') },
        { op: 'set', value: sharedValue('a', 'A') },
      ])
      assert.equal(answer.kind, 'writing')
      assert.equal(answer.sequence, before.sequence)
      assert.equal(await tier.text('b'), 'B')
      await other.endIntent('a', 'writer')
      assert.equal(await tier.entry('a'), undefined)
    },
  ),
  sharedCase('a batch ends the leases of the keys that it changes', async (tier) => {
    const set = await tier.begin('a', 'loader')
    const deleted = await tier.begin('b', 'loader')
    const read = await tier.begin('c', 'loader')
    await tier.session.atomic([
      { op: 'set', value: sharedValue('a', 'set') },
      { op: 'delete', key: keyOf('b') },
      { op: 'read', key: keyOf('c') },
    ])
    assert.equal((await tier.fill('a', 'old', set)).kind, 'refused')
    assert.equal((await tier.fill('b', 'old', deleted)).kind, 'refused')
    assert.equal((await tier.fill('c', 'one', read)).kind, 'stored')
  }),
  sharedCase('a batch touches whatever entry there is, if it could be served', async (tier) => {
    await tier.set('a', 'one', { ttlMs: 1_000 })
    await tier.set('tagged', 'one', { tags: ['red'] })
    await tier.invalidate(tags('red'))
    const life = { ttlMs: 10 * LIFE_MS, graceMs: 500 }
    const answer = await tier.session.atomic([
      { op: 'touch', key: keyOf('a'), ...life },
      { op: 'touch', key: keyOf('tagged'), ...life },
      { op: 'touch', key: keyOf('none'), ...life },
    ])
    assert.deepEqual(answersOf(answer), [
      { op: 'touch', touched: true },
      { op: 'touch', touched: false },
      { op: 'touch', touched: false },
    ])
    const entry = await tier.entry('a')
    assert.equal(entry?.freshUntil, answer.serverNow + 10 * LIFE_MS)
    assert.equal(entry?.graceUntil, answer.serverNow + 10 * LIFE_MS + 500)
    assert.equal(await tier.entry('tagged'), undefined)
  }),
  sharedCase(
    'each value of a batch has a number of its own, which is its version',
    async (tier) => {
      const { sequence } = await tier.moment()
      await tier.session.atomic(['a', 'b'].map((id) => ({ op: 'set', value: sharedValue(id, id) })))
      const stamps = (await tier.entries(['a', 'b'])).map((entry) => entry?.stamp)
      assert.deepEqual(stamps, [sequence + 1, sequence + 2])
    },
  ),
  sharedCase('a batch of nothing is done', async (tier) => {
    assert.deepEqual(answersOf(await tier.session.atomic([])), [])
  }),
]
