/** Rules of loading ahead and of cleaning up that can be taken out, with the guarantee that is then broken. */

import { type PlantedFault, STALE } from './planted-fault.ts'

export const PLANTED_UPKEEP: readonly PlantedFault[] = [
  {
    name: 'load ahead without the lease',
    guarantees: ['S2'],
    profile: 'ahead',
    changes: [
      {
        file: 'core/seek-shared.ts',
        from: 'const { freshUntil, ttlMs } = fallback.entry\n    const asked = this.#ask()',
        to: "const { freshUntil, ttlMs } = fallback.entry\n    if (ttlMs >= 0) return load({ kind: 'uncached' })\n    const asked = this.#ask()",
      },
    ],
  },
  {
    name: 'load ahead of what another has loaded',
    guarantees: ['S2'],
    profile: 'ahead',
    changes: [
      {
        file: 'core/seek-shared.ts',
        from: 'const leftMs = freshUntil - asked.askedAt + ttlMs * RENEWED_SHARE',
        to: 'const leftMs = freshUntil - asked.askedAt + ttlMs * 2',
      },
    ],
  },
  {
    name: 'load ahead or anew without a reservation',
    guarantees: STALE,
    first: 740,
    changes: [
      {
        file: 'core/fly.ts',
        from: 'const { reservation, signal } = flight',
        to: "const { signal } = flight\n    const reservation = flight.reason === 'miss' ? flight.reservation : { ...flight.reservation }",
      },
    ],
  },
  {
    name: 'batches to be warmed past the budget',
    guarantees: ['W1'],
    profile: 'ahead',
    changes: [
      {
        file: 'warming/warming-budget.ts',
        from: 'if (this.#underWay < this.#options.concurrency) this.#underWay += 1',
        to: 'if (this.#underWay >= 0) this.#underWay += 1',
      },
    ],
  },
  {
    name: 'clean-up by the time of writing',
    guarantees: ['X4'],
    profile: 'idle',
    changes: [
      {
        file: 'memory/map-rows.ts',
        from: 'readAt: this.#readAt.get(row.id) ?? row.storedAt, bytes',
        to: 'readAt: row.storedAt, bytes',
      },
    ],
  },
  {
    name: 'hits of copies not noted',
    guarantees: ['X4'],
    profile: 'idle',
    changes: [
      {
        file: 'core/note-read.ts',
        from: 'if (idle !== undefined) engine.shared?.notes.add(space.sharedKey(key), idle.noteEveryMs)',
        to: '',
      },
    ],
  },
  {
    name: 'clean-up that was overtaken goes on',
    first: 18,
    guarantees: ['X4'],
    profile: 'idle',
    changes: [
      {
        file: 'shard/sweep-idle.ts',
        from: 'if (latest !== undefined && latest > token) return false',
        to: '',
      },
    ],
  },
]
