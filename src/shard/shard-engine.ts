/**
 * The atomic steps of a shard, for tiers that run in this machine's memory or on its disk.
 *
 * Each method is one step of `SharedSession`. The caller sees to it that nothing else happens to the
 * rows meanwhile: by being alone in its thread, and by a transaction where there is a file. The Redis
 * tier does the same in scripts; `sharedTierSuite` holds all of them to one behaviour.
 */

import type { Random } from '../contracts/random.ts'
import type {
  ClaimAnswer,
  ClaimRequest,
  EndIntentRequest,
  FillAnswer,
  FillRequest,
  IntentRequest,
  Invalidation,
  InvalidationAnswer,
  ReleaseRequest,
  ScanPage,
  SetAnswer,
  ShardMoment,
  SharedKey,
  SharedReading,
  SharedValue,
  TouchAnswer,
  TouchRequest,
} from '../contracts/shared-tier.ts'
import { claimLeases } from './claim-leases.ts'
import { fillValues } from './fill-values.ts'
import { invalidateKeys } from './invalidate-keys.ts'
import { maskedIds } from './masked-ids.ts'
import { newRow } from './new-row.ts'
import { endOverdue } from './overdue-intents.ts'
import type { ShardRows } from './shard-rows.ts'
import { ShardState } from './shard-state.ts'
import { sweepRows } from './sweep-rows.ts'

export interface ShardEngineOptions {
  readonly rows: ShardRows
  /** The server's wall clock, epoch milliseconds. */
  readonly now: () => number
  readonly random: Random
}

export class ShardEngine {
  readonly #rows: ShardRows
  readonly #options: ShardEngineOptions

  constructor(options: ShardEngineOptions) {
    this.#options = options
    this.#rows = options.rows
  }

  /** Changes nothing but the times of last reading. Entries never stand beside an intent. */
  read(keys: readonly SharedKey[]): readonly SharedReading[] {
    return this.#step((state) => {
      const rows = this.#rows.entriesOf(keys.map(({ id }) => id))
      const servable = state.judge(rows.values())
      const found: string[] = []
      const readings = keys.map(({ id }): SharedReading => {
        const row = rows.get(id)
        if (row === undefined || !servable(row)) return { entry: undefined, ...state.moment }
        found.push(id)
        return { entry: row, ...state.moment }
      })
      if (found.length > 0) this.#rows.noteRead(found)
      return readings
    })
  }

  claim(requests: readonly ClaimRequest[], leaseMs: number): readonly ClaimAnswer[] {
    return this.#step((state) => claimLeases(state, requests, leaseMs))
  }

  fill(values: readonly FillRequest[]): readonly FillAnswer[] {
    return this.#step((state) => fillValues(state, values))
  }

  release(requests: readonly ReleaseRequest[]): void {
    this.#step(() => {
      const leases = this.#rows.leasesOf(requests.map(({ id }) => id))
      const mine = requests.filter(({ id, token }) => leases.get(id)?.token === token)
      if (mine.length > 0) this.#rows.removeLeases(mine.map(({ id }) => id))
    })
  }

  set(values: readonly SharedValue[]): readonly SetAnswer[] {
    return this.#step((state) => {
      endOverdue(state)
      const ids = values.map(({ id }) => id)
      const masked = maskedIds(state, ids)
      this.#rows.removeLeases(ids)
      return values.map((value): SetAnswer => {
        const sequence = state.raise()
        if (masked.has(value.id)) return { kind: 'writing', ...state.moment }
        this.#rows.put(newRow(state, value, sequence))
        return { kind: 'stored', ...state.moment }
      })
    })
  }

  touch(requests: readonly TouchRequest[]): readonly TouchAnswer[] {
    return this.#step((state) => {
      const rows = this.#rows.entriesOf(requests.map(({ id }) => id))
      const servable = state.judge(rows.values())
      return requests.map(({ id, epoch, stamp, ttlMs, graceMs }): TouchAnswer => {
        const row = rows.get(id)
        const same = row !== undefined && row.epoch === epoch && row.stamp === stamp
        if (!same || !servable(row)) return { kind: 'gone', ...state.moment }
        const freshUntil = state.now + ttlMs
        this.#rows.setTimes(id, { freshUntil, graceUntil: freshUntil + graceMs })
        return { kind: 'touched', ...state.moment }
      })
    })
  }

  /** None of them removes an intent: only its writer knows when the source is at rest. */
  invalidate(what: Invalidation): InvalidationAnswer {
    return this.#step((state) => {
      let found: readonly boolean[] = []
      switch (what.kind) {
        case 'keys':
          found = invalidateKeys(state, what)
          break
        case 'tags':
          state.removeTags(what.tags)
          break
        case 'collection':
          state.removeCollection(what.collection)
          break
        case 'clear':
          state.raiseFloor()
          break
        default:
          what satisfies never
      }
      return { found, moments: [state.moment] }
    })
  }

  /** The intent takes the entry's place, and the lease of whoever is loading is revoked. */
  beginIntent(requests: readonly IntentRequest[]): readonly ShardMoment[] {
    return this.#step((state) => {
      endOverdue(state)
      const ids = requests.map(({ id }) => id)
      this.#rows.remove(ids, 'invalidated')
      this.#rows.removeLeases(ids)
      return requests.map(({ id, token, deadlineMs, tags }) => {
        this.#rows.putIntent(id, { token, deadline: state.now + deadlineMs, tags })
        state.raise()
        return state.moment
      })
    })
  }

  /** Also an intent that has ended by its deadline: what was loaded since then may be older. */
  endIntent(requests: readonly EndIntentRequest[]): readonly ShardMoment[] {
    return this.#step((state) => {
      const ids = requests.map(({ id }) => id)
      const intents = this.#rows.intentsOf(ids)
      this.#rows.remove(ids, 'invalidated')
      this.#rows.removeLeases(ids)
      return requests.map(({ id, token, tags }) => {
        const begun = intents.get(id)?.find((intent) => intent.token === token)
        this.#rows.removeIntent(id, token)
        state.raise()
        state.removeTags([...new Set([...tags, ...(begun?.tags ?? [])])])
        return state.moment
      })
    })
  }

  scan(collection: string, cursor: string | undefined, limit: number): ScanPage {
    return this.#step((state) => {
      const page = this.#rows.scan(collection, cursor, limit)
      const rows = this.#rows.entriesOf(page.keys)
      const servable = state.judge(rows.values())
      const present = page.keys.filter((id) => {
        const row = rows.get(id)
        return row !== undefined && servable(row)
      })
      return { keys: present, cursor: page.cursor }
    })
  }

  /** One slice of cleaning up. Answers where to go on, `undefined` at the end. */
  sweep(cursor: string | undefined, limit: number): string | undefined {
    return this.#step((state) => sweepRows(state, cursor, limit))
  }

  #step<T>(run: (state: ShardState) => T): T {
    const state = new ShardState(this.#rows, this.#options.now(), this.#options.random)
    const answer = run(state)
    state.save()
    return answer
  }
}
