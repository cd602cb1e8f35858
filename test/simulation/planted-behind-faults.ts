/** Rules of writes behind the cache that can be taken out, with the guarantee that is then broken. */

import { type PlantedFault, STALE } from './planted-fault.ts'
import type { Guarantee } from './violation.ts'

/** What was acknowledged is lost, rolled back or not read. */
const LOST: readonly Guarantee[] = ['WB-2', 'WB-3', 'WB-4', ...STALE]

export const PLANTED_BEHIND: readonly PlantedFault[] = [
  {
    name: 'settled without comparing versions',
    guarantees: LOST,
    profile: 'behind',
    changes: [
      {
        file: 'shard/settle-writes.ts',
        from: 'const row = latest.version === version ? latest : pending.at(id, version)',
        to: 'const row = latest',
      },
    ],
  },
  {
    name: 'older versions carried out by the store',
    guarantees: ['WB-3', 'WB-4'],
    profile: 'behind',
    changes: [],
    storeFault: 'no guard',
  },
  {
    name: 'removals leave no version in the store',
    guarantees: ['WB-3', 'WB-4'],
    profile: 'behind',
    changes: [],
    storeFault: 'no tombstones',
  },
  {
    name: 'writes taken without the right to take',
    guarantees: ['WB-12'],
    profile: 'behind',
    changes: [
      {
        file: 'shard/take-writes.ts',
        from: 'held.owner !== owner && tick < held.until',
        to: "held.owner !== owner && held.owner === ''",
      },
    ],
  },
  {
    name: 'write through the cache begun past one that waits',
    first: 45,
    guarantees: LOST,
    profile: 'behind',
    changes: [
      {
        file: 'shard/begin-intents.ts',
        from: 'const free = requests.filter(({ id }) => !waiting.has(id))',
        to: 'const free = requests',
      },
    ],
  },
  {
    name: 'writes of a key put together to the older one',
    guarantees: ['WB-5', 'WB-10'],
    profile: 'behind',
    changes: [
      {
        file: 'shard/enqueue-writes.ts',
        from: '    marked: known?.marked === true,\n    envelope,',
        to: '    marked: known?.marked === true,\n    envelope: goesOn ? replaced.envelope : envelope,',
      },
    ],
  },
  {
    name: 'removal that waits does not mask the source',
    guarantees: ['WB-11', 'WB-10'],
    profile: 'behind',
    changes: [
      {
        file: 'shard/servable-entries.ts',
        from: 'servable.set(id, entryOf(row))',
        to: "if (row.kind !== 'remove') servable.set(id, entryOf(row))",
      },
    ],
  },
  {
    name: 'write taken out of the queue before the source has it',
    guarantees: [...LOST, 'WB-13'],
    profile: 'behind',
    changes: [
      {
        file: 'shard/take-writes.ts',
        from: 'pending.take(taken.filter((row) => !row.taken))',
        to: 'for (const row of taken) pending.remove(row.id, row.version)',
      },
    ],
  },
  {
    name: 'write acknowledged before the tier has it',
    guarantees: ['WB-1'],
    profile: 'behind',
    changes: [
      {
        file: 'core/behind-writes.ts',
        from: 'const queued = await this.#enqueue(what, request, startedAt)',
        to: "const sent = this.#enqueue(what, request, startedAt)\n      void sent.catch(() => {})\n      const queued: Queued | undefined = await Promise.race([sent, Promise.resolve({ kind: 'queued' as const, backlog: { records: 0, bytes: 0 }, shard: shared.access.shardOf(key), epoch: '', sequence: 0, serverNow: 0 })])",
      },
    ],
  },
  {
    name: 'flush does not wait for what is written',
    first: 11,
    guarantees: ['WB-13'],
    profile: 'behind',
    changes: [
      {
        file: 'shard/enqueue-writes.ts',
        from: 'first: replaced?.first ?? version',
        to: 'first: goesOn ? replaced.first : version',
      },
    ],
  },
  {
    name: 'write that waits loaded over by a refresh',
    guarantees: LOST,
    profile: 'behind',
    changes: [
      {
        file: 'shard/claim-leases.ts',
        from: 'return pending === true || freshUntil - now > leftMs',
        to: 'return freshUntil - now > leftMs',
      },
      {
        file: 'core/seek-shared.ts',
        from: "if (entry.pending === true && finding.kind === 'entry') return this.#pending(finding.entry)",
        to: '',
      },
    ],
  },
  {
    name: 'version of another epoch sought past what waits',
    guarantees: LOST,
    profile: 'behind',
    changes: [
      {
        file: 'core/seek-shared.ts',
        from: "if (reading.entry?.pending !== true) return load({ kind: 'uncached' })",
        to: "if (reading.entry?.stamp !== 0) return load({ kind: 'uncached' })",
      },
    ],
  },
  {
    name: 'store that answers nothing taken as one that refuses',
    guarantees: ['WB-8'],
    profile: 'behind',
    changes: [
      {
        file: 'write-behind/settle-outcomes.ts',
        from: "    case 'away':\n      return undefined",
        to: "    case 'away':\n      return { kind: 'dead', error: 'away' }",
      },
    ],
  },
  {
    name: 'removal of what waits forgotten',
    guarantees: ['CO-1', ...STALE, ...LOST],
    profile: 'behind',
    first: 879,
    changes: [
      {
        file: 'shard/settle-writes.ts',
        from: 'if (row.marked || row.epoch',
        to: 'if (row.epoch',
      },
    ],
  },
  {
    name: 'write that waits trusted over the source after a loss',
    first: 215,
    guarantees: LOST,
    profile: 'behind',
    changes: [
      {
        file: 'core/shared-reader.ts',
        from: 'return outlived\n',
        to: "return outlived && epoch === ''\n",
      },
    ],
  },
]
