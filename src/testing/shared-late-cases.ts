/** The cases of `sharedTierSuite` about steps that arrive after their successors. */

import assert from 'node:assert/strict'
import { TierError } from '../contracts/errors.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { sharedCase } from './shared-case.ts'
import { keyOf, SharedSteps, sharedValue, tags } from './shared-steps.ts'
import type { SharedTierSubject, SlowSession } from './shared-tier-subject.ts'

const SLOW = ['slow-steps']

/** Asks for `late`, and lets it arrive after `early`, which was asked for later. */
async function overtake<T>(
  slow: SlowSession,
  late: () => Promise<T>,
  early: () => Promise<unknown>,
): Promise<PromiseSettledResult<T>> {
  slow.holdNext()
  const waiting = Promise.allSettled([late()])
  await early()
  slow.letGo()
  return (await waiting)[0]
}

function slowCase(
  name: string,
  run: (scene: {
    readonly tier: SharedSteps
    readonly slow: SlowSession
    readonly steps: SharedSteps
    readonly advance: (ms: number) => Promise<void>
  }) => Promise<void>,
  needs: readonly string[] = SLOW,
): ConformanceCase<SharedTierSubject> {
  return sharedCase(
    name,
    async (tier, subject) => {
      const slow = subject.openSlow()
      await slow.session.ready
      const steps = new SharedSteps(slow.session, subject)
      // From now on the session knows the epoch.
      await steps.follow()
      await run({ tier, slow, steps, advance: (ms) => subject.advance(ms) })
    },
    needs,
  )
}

function isRefused(outcome: PromiseSettledResult<unknown>): boolean {
  return outcome.status === 'rejected' && outcome.reason instanceof TierError
}

export const sharedLateCases: readonly ConformanceCase<SharedTierSubject>[] = [
  slowCase('a set that was overtaken is refused, and overwrites nothing', async (scene) => {
    const { tier, slow, steps } = scene
    const late = await overtake(
      slow,
      () => steps.set('a', 'old'),
      () => steps.set('a', 'new'),
    )
    assert.ok(isRefused(late))
    assert.equal(await tier.text('a'), 'new')
  }),
  slowCase('an atomic batch that was overtaken is refused whole', async (scene) => {
    const { tier, slow, steps } = scene
    await steps.set('b', 'one')
    const late = await overtake(
      slow,
      () => steps.session.atomic([{ op: 'delete', key: keyOf('b') }]),
      () => steps.set('a', 'new'),
    )
    assert.ok(isRefused(late))
    assert.equal(await tier.text('b'), 'one')
  }),
  slowCase('a begin that was overtaken masks nothing', async (scene) => {
    const { tier, slow, steps } = scene
    const late = await overtake(
      slow,
      () => steps.beginIntent('a', 'writer'),
      () => steps.endIntent('a', 'writer'),
    )
    assert.ok(isRefused(late))
    assert.equal((await tier.claim('a', 'loader')).kind, 'granted')
  }),
  slowCase(
    'a value that was on its way for more than a second is refused, and overwrites nothing',
    async ({ tier, slow, steps, advance }) => {
      const { session } = steps
      const sets: readonly (() => Promise<unknown>)[] = [
        () => steps.set('a', 'old'),
        () => session.atomic([{ op: 'set', value: sharedValue('a', 'old') }]),
        () => steps.beginIntent('a', 'writer'),
      ]
      await tier.set('a', 'new')
      for (const set of sets) {
        // What is known of the server's time is fresh.
        await steps.follow()
        const late = await overtake(slow, set, () => advance(1_100))
        assert.ok(isRefused(late))
        assert.equal(await tier.text('a'), 'new')
      }
    },
    [...SLOW, 'settable-clock'],
  ),
  slowCase('a touch that was overtaken is refused', async (scene) => {
    const { tier, slow, steps } = scene
    await steps.set('a', 'one')
    const seen = await tier.entry('a')
    assert.ok(seen !== undefined)
    const late = await overtake(
      slow,
      () => steps.touch('a', seen, { ttlMs: 1e9, graceMs: 0 }),
      () => steps.touch('a', seen, { ttlMs: 1_000, graceMs: 0 }),
    )
    assert.ok(isRefused(late))
    const after = await tier.entry('a')
    assert.ok((after?.freshUntil ?? Number.POSITIVE_INFINITY) < seen.storedAt + 1e8)
  }),
  slowCase('a removal that was overtaken is carried out all the same', async (scene) => {
    const { tier, slow, steps } = scene
    await steps.set('a', 'old', { tags: ['red'] })
    await steps.set('b', 'old', { tags: ['red'] })
    const removal = await overtake(
      slow,
      () => steps.delete('a'),
      () => steps.set('c', 'new'),
    )
    assert.deepEqual(removal, { status: 'fulfilled', value: true })
    const ofTag = await overtake(
      slow,
      () => steps.invalidate(tags('red')),
      () => steps.set('c', 'new'),
    )
    assert.equal(ofTag.status, 'fulfilled')
    assert.deepEqual(await tier.texts('a', 'b', 'c'), [undefined, undefined, 'new'])
  }),
  slowCase('an end that was overtaken ends the write, and leaves no value', async (scene) => {
    const { tier, slow, steps } = scene
    const begun = await steps.beginIntent('a', 'writer')
    const end = await overtake(
      slow,
      () => steps.endWith('a', 'writer', { text: 'new', begun }),
      () => steps.set('c', 'new'),
    )
    assert.ok(end.status === 'fulfilled' && end.value.kind === 'removed')
    assert.equal(await tier.entry('a'), undefined)
    assert.equal((await tier.claim('a', 'loader')).kind, 'granted')
  }),
  slowCase('steps that do not change what others are told need no turn', async (scene) => {
    const { slow, steps } = scene
    const lease = await steps.begin('a', 'loader')
    const late = await overtake(
      slow,
      () => steps.fill('a', 'one', lease),
      () => steps.set('c', 'new'),
    )
    assert.ok(late.status === 'fulfilled' && late.value.kind === 'stored')
  }),
  slowCase('a set and a begin that meet another epoch are issued once more', async (scene) => {
    const { tier, steps } = scene
    const { shard, epoch, sequence } = await tier.moment()
    await tier.session.follow({ shard, epoch, cursor: sequence + 1_000, beat: true })
    const answer = await steps.set('a', 'one')
    assert.equal(answer.kind, 'stored')
    assert.notEqual(answer.epoch, epoch)
    assert.equal(await tier.text('a'), 'one')
    const second = await tier.moment()
    await tier.session.follow({ ...second, cursor: second.sequence + 1_000, beat: true })
    const begun = await steps.beginIntent('a', 'writer')
    assert.notEqual(begun.epoch, second.epoch)
    assert.equal((await tier.claim('a', 'loader')).kind, 'writing')
  }),
]
