/**
 * The judge is judged: each rule that keeps stale values out is taken out of the sources of a process, and
 * the seeded interleavings must find the stale read.
 */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { SourceChange } from '../simulation/planted-fault.ts'
import type { Setting } from './interleaving.ts'

interface Fault {
  readonly rule: string
  /** Where two places hold to one rule, it is taken out of both. */
  readonly edits: readonly SourceChange[]
  readonly setting: Setting
}

const FAULTS: readonly Fault[] = [
  {
    rule: 'a change cuts off the loads of its key',
    edits: [
      {
        file: 'core/reservations.ts',
        from: 'for (let one = this.#byKey.get(key); one !== undefined; one = one.older) one.alive = false',
        to: '',
      },
    ],
    setting: 'memory alone',
  },
  {
    rule: 'a load that was cut off is not kept',
    edits: [
      {
        file: 'core/commit.ts',
        from: 'return survives(engine, reservation) && engine',
        to: 'return engine',
      },
    ],
    setting: 'memory alone',
  },
  {
    rule: 'a value is judged by the tags removed since its load began',
    edits: [
      {
        file: 'core/commit.ts',
        from: ' && engine.order.stands(reservation.stamp, tags)',
        to: '',
      },
    ],
    setting: 'memory alone',
  },
  {
    rule: 'the stamp is taken when the load begins, not when its value is kept',
    edits: [
      {
        file: 'core/commit.ts',
        from: 'engine.order.stands(reservation.stamp, tags)',
        to: 'engine.order.stands(engine.order.stamp, tags)',
      },
    ],
    setting: 'memory alone',
  },
  {
    rule: 'nobody joins a load that was cut off',
    edits: [
      {
        file: 'core/lookup.ts',
        from: 'if (!survives(engine, flight.reservation)) return undefined',
        to: '',
      },
    ],
    setting: 'memory alone',
  },
  {
    rule: 'nobody joins a load that a tag may have made stale',
    edits: [
      {
        file: 'core/lookup.ts',
        from: 'if (!engine.order.untouched(flight.reservation.stamp)) return undefined',
        to: '',
      },
    ],
    setting: 'memory alone',
  },
  {
    rule: 'a copy is judged again after a tag was removed',
    edits: [{ file: 'core/removals.ts', from: "memory?.doubt('tagged')", to: '' }],
    setting: 'memory alone',
  },
  {
    rule: 'the writer drops its own copy',
    edits: [{ file: 'core/source-writes.ts', from: 'forget(this.#space, key)', to: '' }],
    setting: 'memory alone',
  },
  {
    rule: 'the cache hears of a write after the source has it',
    edits: [
      {
        file: 'core/source-writes.ts',
        from: 'outcome = await this.#apply(what, writing, startedAt)',
        to: `const early = await this.#finish(writing, undefined)
      outcome = await this.#apply(what, writing, startedAt)
      if (kind) return early`,
      },
    ],
    setting: 'both tiers',
  },
  {
    rule: 'a shared entry that a waiting change concerns is not trusted',
    edits: [
      {
        file: 'core/outbox.ts',
        from: 'holdsKey(key: SharedKey): boolean {',
        to: 'holdsKey(key: SharedKey): boolean { if (key) return false',
      },
    ],
    setting: 'both tiers, slow answers',
  },
  {
    rule: 'only the lease that stands may fill',
    edits: [
      {
        file: 'shard/fill-values.ts',
        from: 'const mine = held?.token === token && held.grant === grant',
        to: 'const mine = true',
      },
    ],
    setting: 'two instances, shared alone',
  },
  {
    rule: 'a delete revokes the lease',
    edits: [{ file: 'shard/invalidate-keys.ts', from: 'endLeases(state, ids)', to: '' }],
    setting: 'two instances, shared alone',
  },
  {
    rule: 'a shared entry is judged by its tags',
    edits: [
      {
        file: 'shard/judge-rows.ts',
        from: '!tags.some((tag) => older(tagMember(tag))) &&',
        to: '',
      },
      {
        file: 'coherence/shard-view.ts',
        from: 'return this.#tags.judge(stamp, tags)',
        to: "return tags.length < 0 ? 'gone' : 'stands'",
      },
    ],
    setting: 'two instances, shared alone',
  },
  {
    rule: 'a shared entry is judged by its collection',
    edits: [
      {
        file: 'shard/judge-rows.ts',
        from: '!older(collectionMember(row.collection)) &&',
        to: '',
      },
      {
        file: 'coherence/shard-view.ts',
        from: "if (stamp < this.#collections.of(key.collection)) return 'gone'",
        to: '',
      },
    ],
    setting: 'two instances, shared alone',
  },
  {
    rule: 'a shared entry is judged by the floor',
    edits: [
      { file: 'shard/judge-rows.ts', from: 'stamp >= floor &&', to: '' },
      {
        file: 'coherence/shard-view.ts',
        from: ' || stamp < this.#floor',
        to: '',
      },
    ],
    setting: 'two instances, shared alone',
  },
  {
    rule: 'a shared entry carries the number of its grant, not of its fill',
    edits: [
      {
        file: 'shard/fill-values.ts',
        from: 'newRow(state, { ...value, envelope }, value.grant)',
        to: 'newRow(state, { ...value, envelope }, state.control.sequence)',
      },
    ],
    setting: 'two instances, shared alone',
  },
  ...(['memory alone, switched', 'both tiers, switched'] as const).map((setting) => ({
    rule: `what is kept here goes before nobody looks after it: ${setting}`,
    edits: [
      {
        file: 'core/switch-mode.ts',
        from: "if (!keepsHere(mode)) space.declaredMemory?.clear('invalidated')",
        to: '',
      },
    ],
    setting,
  })),
  {
    rule: 'what is kept while the shared tier is not asked goes with the changes of its key',
    edits: [
      {
        file: 'core/source-writes.ts',
        from: 'forget(this.#space, key)',
        to: "if (this.#space.mode !== 'memory') forget(this.#space, key)",
      },
    ],
    setting: 'both tiers, switched',
  },
]

/** Seeds within which a fault must show. */
const MOST = 400

const run = promisify(execFile)

test.each(FAULTS)(
  'a build without this rule is found out: $rule',
  async (fault) => {
    const runner = join(import.meta.dirname, 'run-interleavings.ts')
    // It fails if a rule does not stand where it is looked for.
    const args = ['--no-warnings', runner, fault.setting, String(MOST), JSON.stringify(fault.edits)]
    const { stdout } = await run(process.execPath, args)
    expect(JSON.parse(stdout).violation).toMatch(/had ended before it began/)
  },
  60_000,
)
