/**
 * Rules of the protocol that can be taken out of the sources, with the guarantee that is then broken. The simulation must find each of them.
 */

import { PLANTED_BEHIND } from './planted-behind-faults.ts'
import { type PlantedFault, STALE } from './planted-fault.ts'
import { PLANTED_UPKEEP } from './planted-upkeep-faults.ts'

export const PLANTED_FAULTS: readonly PlantedFault[] = [
  ...PLANTED_BEHIND,
  ...PLANTED_UPKEEP,
  {
    name: 'stamp at publish',
    guarantees: STALE,
    changes: [
      {
        file: 'core/reserve.ts',
        from: 'coherence.survives(shared.key, shared.position)',
        to: 'coherence.survives(shared.key, engine.shared.coherence.position(shared.key))',
      },
      {
        file: 'core/commit.ts',
        from: 'const { epoch, cursor } = shared.position',
        to: 'const { epoch, cursor } = { ...shared.position, cursor: Number.MAX_SAFE_INTEGER }',
      },
      {
        file: 'core/shared-reader.ts',
        from: 'return Math.max(shared.position.cursor, stamp)',
        to: 'return Number.MAX_SAFE_INTEGER',
      },
    ],
  },
  {
    name: 'lease not checked',
    first: 12,
    guarantees: STALE,
    changes: [
      {
        file: 'shard/fill-values.ts',
        from: 'const mine = held?.token === token && held.grant === grant',
        to: 'const mine = true',
      },
    ],
  },
  {
    name: 'renewed under the number of its end',
    guarantees: STALE,
    changes: [
      {
        file: 'shard/fill-values.ts',
        from: 'newRow(state, { ...value, envelope: known.envelope }, value.grant)',
        to: 'newRow(state, { ...value, envelope: known.envelope }, state.control.sequence)',
      },
    ],
  },
  {
    name: 'lease not revoked by a change',
    first: 70,
    guarantees: STALE,
    changes: [
      {
        file: 'shard/end-leases.ts',
        from: 'state.rows.removeLeases(ended.map(([id]) => id))',
        to: '',
      },
    ],
  },
  {
    name: 'epoch not checked in this process',
    guarantees: STALE,
    changes: [
      {
        file: 'coherence/shard-view.ts',
        from: "if (epoch !== this.#epoch || stamp < this.#floor) return 'gone'",
        to: '',
      },
    ],
  },
  {
    name: 'gap tolerated',
    first: 27,
    guarantees: STALE,
    changes: [
      {
        file: 'coherence/shard-follower.ts',
        from: 'if (missing > 0 && plan.repairs) {',
        to: 'if (missing < 0 && plan.repairs) {',
      },
    ],
  },
  {
    name: 'tags removed for nothing in this process',
    guarantees: STALE,
    changes: [
      {
        file: 'coherence/tag-numbers.ts',
        from: "if (tags.length === 0 || stamp >= this.#newest) return 'stands'",
        to: "if (tags.length >= 0) return 'stands'",
      },
    ],
  },
  {
    name: 'reservation not killed by a hint',
    first: 70,
    guarantees: STALE,
    changes: [
      {
        file: 'core/reservations.ts',
        from: "if (one.kind === 'load') one.alive = false\n      else ",
        to: '',
      },
    ],
  },
  {
    name: 'copy not dropped by a hint',
    guarantees: STALE,
    changes: [
      {
        file: 'core/changes-heard.ts',
        from: "if (mode === 'delete') space.memory?.remove(key, 'invalidated')",
        to: "if (mode === 'delete') return",
      },
    ],
  },
  {
    name: 'own write kept though its end removed',
    profile: 'slow writes',
    first: 799,
    guarantees: STALE,
    changes: [
      {
        file: 'core/source-writes.ts',
        from: "if (ended?.own.kind === 'set' && intent.begun !== undefined) {",
        to: 'if (ended !== undefined && intent.begun !== undefined) {',
      },
    ],
  },
  {
    name: 'cache told before the source has the write',
    guarantees: ['CO-1', ...STALE],
    changes: [
      {
        file: 'core/source-writes.ts',
        from: 'outcome = await this.#apply(what, writing, startedAt)',
        to: "await this.#finish(writing, undefined)\n      outcome = 'applied'\n      void this.#apply(what, writing, startedAt).catch(() => {})",
      },
    ],
  },
  {
    name: 'late operation carried out',
    first: 78,
    guarantees: [...STALE, 'WB-2', 'WB-5', 'WB-13'],
    changes: [
      {
        file: 'shard/late-step.ts',
        from: 'if (seen !== undefined && operation <= seen)',
        to: 'if (seen !== undefined && operation < 0)',
      },
      {
        file: 'shard/late-step.ts',
        from: "if (held === 'held' && epoch !== state.control.epoch)",
        to: "if (held === 'held' && epoch === '-')",
      },
      {
        file: 'shard/late-step.ts',
        from: "if (held === 'held' && state.now > until)",
        to: "if (held === 'held' && state.now < 0)",
      },
    ],
  },
  {
    name: 'pattern sweep removes intents',
    profile: 'slow writes',
    first: 220,
    guarantees: STALE,
    changes: [
      {
        file: 'shard/pattern-numbers.ts',
        from: 'forgetPatterns(state)\n  endAwaited(state)',
        to: 'for (const id of rows.overdueIntents(Number.MAX_SAFE_INTEGER, 100)) for (const { token } of rows.intentsOf([id]).get(id) ?? []) rows.removeIntent(id, token)\n  endAwaited(state)',
      },
    ],
  },
  {
    name: 'pattern forgotten when its sweep has ended, with loads under way',
    guarantees: STALE,
    changes: [
      { file: 'shard/pattern-numbers.ts', from: 'state.update({ leaseFloor: number })', to: '' },
      {
        file: 'shard/pattern-numbers.ts',
        from: 'rows.setNumbers(new Map([[endedPatternMember(collection, pattern), number]]))',
        to: '',
      },
      {
        file: 'coherence/pattern-numbers.ts',
        from: 'if (stamp >= this.#newest) return false',
        to: 'if (stamp >= 0) return false',
      },
    ],
  },
  {
    name: 'unanswered read treated as answered',
    profile: 'cut off',
    guarantees: STALE,
    changes: [
      {
        file: 'core/commit.ts',
        from: '...(stored.blind ? blindTimes(engine, space, what, value) : {}),',
        to: '',
      },
      {
        file: 'core/commit.ts',
        from: 'asOf: cursor, blind: true }',
        to: 'asOf: cursor, blind: true }',
      },
    ],
  },
  {
    name: 'blindness not checked',
    profile: 'cut off',
    guarantees: ['CO-7'],
    changes: [
      {
        file: 'coherence/following-plan.ts',
        from: 'trustMs: maxBlindnessMs,',
        to: 'trustMs: Number.POSITIVE_INFINITY,',
      },
    ],
  },
  {
    name: 'intent not ended at its deadline',
    profile: 'slow writes',
    first: 220,
    guarantees: STALE,
    changes: [
      {
        file: 'shard/overdue-intents.ts',
        from: 'if (overdue.length === 0) return',
        to: 'if (overdue.length >= 0) return',
      },
    ],
  },
  {
    name: 'minVersion ignored',
    // The second, where the token is of a write that waits.
    guarantees: ['CO-10', 'WB-10'],
    changes: [
      {
        file: 'core/lookup.ts',
        from: 'const { minVersion } = request\n  if (minVersion === undefined) {',
        to: 'const { minVersion } = request\n  if (minVersion === undefined || key !== undefined) {',
      },
    ],
  },
  {
    name: 'own copy left after a write',
    first: 40,
    guarantees: ['CO-10'],
    changes: [
      {
        file: 'core/source-writes.ts',
        from: 'forget(this.#space, key)',
        to: 'if (tags.length > 64) forget(this.#space, key)',
      },
    ],
  },
  {
    name: 'grace for invalidated entries',
    first: 20,
    guarantees: STALE,
    changes: [
      {
        file: 'core/shared-reader.ts',
        from: "if (verdict === 'gone') return { kind: 'invalidated' }",
        to: '',
      },
      {
        file: 'core/shared-reader.ts',
        from: "const expired = verdict === 'expired'",
        to: "const expired = verdict === 'expired' || verdict === 'gone'",
      },
    ],
  },
  {
    name: 'old flight joined while cut off',
    profile: 'cut off',
    guarantees: STALE,
    changes: [
      {
        file: 'core/lookup.ts',
        from: 'return ageMs > CONNECTED_MS && !coherence.connected(shared.key)',
        to: 'return ageMs < 0',
      },
    ],
  },
  {
    name: 'cut-off flight joined',
    guarantees: STALE,
    changes: [
      {
        file: 'core/lookup.ts',
        from: 'if (!survives(engine, flight.reservation)) return undefined',
        to: '',
      },
    ],
  },
  {
    name: 'shared entry trusted while a removal waits',
    first: 137,
    guarantees: ['CO-10'],
    changes: [
      {
        file: 'core/outbox.ts',
        from: 'holdsKey(key: SharedKey): boolean {',
        to: 'holdsKey(key: SharedKey): boolean {\n    if (key.id !== "") return false',
      },
    ],
  },
  {
    name: 'other writers on the key not minded',
    first: 100,
    guarantees: STALE,
    changes: [
      {
        file: 'shard/end-intents.ts',
        from: 'return own && others.length === 0 && held',
        to: 'return others.length >= 0 && (own || held || true)',
      },
    ],
  },
  {
    name: 'collection removed for nothing',
    guarantees: STALE,
    changes: [
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
  },
  {
    name: 'pattern does not judge copies',
    guarantees: STALE,
    changes: [
      {
        file: 'coherence/pattern-numbers.ts',
        from: 'if (stamp >= this.#newest) return false',
        to: 'if (stamp >= 0) return false',
      },
    ],
  },
  {
    name: 'floor does not judge copies',
    guarantees: STALE,
    changes: [
      {
        file: 'coherence/shard-view.ts',
        from: 'if (floor <= this.#floor) return false',
        to: 'if (floor >= 0) return false',
      },
    ],
  },
  {
    name: 'follow drops no buckets',
    guarantees: STALE,
    changes: [
      {
        file: 'coherence/shard-view.ts',
        from: 'this.#buckets.set(bucket, number)',
        to: '',
      },
    ],
  },
  {
    name: 'shared entry stamped at its fill',
    first: 40,
    guarantees: STALE,
    changes: [
      {
        file: 'shard/fill-values.ts',
        from: 'newRow(state, { ...value, envelope }, value.grant)',
        to: 'newRow(state, { ...value, envelope }, state.control.sequence)',
      },
    ],
  },
]
