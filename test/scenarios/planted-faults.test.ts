/**
 * The judge is judged: for each rule that keeps stale values out, the sources are copied, the rule is
 * taken out of the copy, and the seeded interleavings must find the stale read.
 */

import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import type { Setting } from './interleaving.ts'

interface Fault {
  readonly rule: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly setting: Setting
}

const FAULTS: readonly Fault[] = [
  {
    rule: 'a change cuts off the loads of its key',
    file: 'core/reservations.ts',
    from: 'if (held !== undefined) for (const reservation of held) reservation.alive = false',
    to: '',
    setting: 'memory alone',
  },
  {
    rule: 'a load that was cut off is not kept',
    file: 'core/commit.ts',
    from: 'return reservation.alive && engine',
    to: 'return engine',
    setting: 'memory alone',
  },
  {
    rule: 'a value is judged by the tags removed since its load began',
    file: 'core/commit.ts',
    from: 'reservation.alive && engine.order.stands(reservation.stamp, tags)',
    to: 'reservation.alive',
    setting: 'memory alone',
  },
  {
    rule: 'the stamp is taken when the load begins, not when its value is kept',
    file: 'core/commit.ts',
    from: 'engine.order.stands(reservation.stamp, tags)',
    to: 'engine.order.stands(engine.order.stamp, tags)',
    setting: 'memory alone',
  },
  {
    rule: 'nobody joins a load that was cut off',
    file: 'core/lookup.ts',
    from: '!flight.reservation.alive || ',
    to: '',
    setting: 'memory alone',
  },
  {
    rule: 'nobody joins a load that a tag may have made stale',
    file: 'core/lookup.ts',
    from: 'if (!engine.order.untouched(flight.reservation.stamp)) return undefined',
    to: '',
    setting: 'memory alone',
  },
  {
    rule: 'a copy is judged again after a tag was removed',
    file: 'core/removals.ts',
    from: 'memory?.doubtTagged()',
    to: '',
    setting: 'memory alone',
  },
  {
    rule: 'the writer drops its own copy',
    file: 'core/write-around.ts',
    from: 'forget(this.#space, key)',
    to: '',
    setting: 'both tiers',
  },
  {
    rule: 'the cache hears of a write after the source has it',
    file: 'core/write-around.ts',
    from: 'const applying = this.#apply(what)',
    to: `await this.#finish(intent, key)
      await this.#apply(what).outcomes
      if (kind) return { protected: begun }
      const applying = this.#apply(what)`,
    setting: 'both tiers',
  },
  {
    rule: 'a shared entry that a waiting change concerns is not trusted',
    file: 'core/outbox.ts',
    from: 'holdsKey(key: SharedKey): boolean {',
    to: 'holdsKey(key: SharedKey): boolean { if (key) return false',
    setting: 'both tiers, slow answers',
  },
  {
    rule: 'only the lease that stands may fill',
    file: 'shard/fill-values.ts',
    from: 'const mine = held?.token === value.token && held.grant === value.grant',
    to: 'const mine = true',
    setting: 'two instances, shared alone',
  },
  {
    rule: 'a delete revokes the lease',
    file: 'shard/invalidate-keys.ts',
    from: 'state.rows.removeLeases(ids)',
    to: '',
    setting: 'two instances, shared alone',
  },
  {
    rule: 'the end of a write revokes the lease, and so does its beginning',
    file: 'shard/shard-engine.ts',
    from: "this.#rows.remove(ids, 'invalidated')\n      this.#rows.removeLeases(ids)",
    to: "this.#rows.remove(ids, 'invalidated')",
    setting: 'two instances, shared alone',
  },
  {
    rule: 'a shared entry is judged by its tags',
    file: 'shard/shard-state.ts',
    from: '!row.tags.some((tag) => older(tagMember(tag)))',
    to: 'true',
    setting: 'two instances, shared alone',
  },
  {
    rule: 'a shared entry is judged by its collection',
    file: 'shard/shard-state.ts',
    from: '!older(collectionMember(row.collection)) &&',
    to: '',
    setting: 'two instances, shared alone',
  },
  {
    rule: 'a shared entry is judged by the floor',
    file: 'shard/shard-state.ts',
    from: 'row.stamp >= floor &&',
    to: '',
    setting: 'two instances, shared alone',
  },
  {
    rule: 'a shared entry carries the number of its grant, not of its fill',
    file: 'shard/fill-values.ts',
    from: 'newRow(state, value, value.grant)',
    to: 'newRow(state, value, state.control.sequence)',
    setting: 'two instances, shared alone',
  },
]

/** Seeds within which a fault must show. */
const MOST = 400

const run = promisify(execFile)

test.each(FAULTS)(
  'a build without this rule is found out: $rule',
  async (fault) => {
    const folder = mkdtempSync(join(tmpdir(), 'tiercel-planted-'))
    try {
      cpSync('src', folder, { recursive: true })
      const path = join(folder, fault.file)
      const source = readFileSync(path, 'utf8')
      expect(source, 'the rule stands where the test looks for it').toContain(fault.from)
      writeFileSync(path, source.replaceAll(fault.from, fault.to))
      const runner = join(import.meta.dirname, 'run-interleavings.ts')
      const args = ['--no-warnings', runner, folder, fault.setting, String(MOST)]
      const { stdout } = await run(process.execPath, args)
      expect(JSON.parse(stdout).violation).toMatch(/had ended before it began/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  60_000,
)
