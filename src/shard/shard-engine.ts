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
import { endOverdue } from './overdue-intents.ts'
import type { ShardLease, ShardRow, ShardRows } from './shard-rows.ts'
import { ShardState } from './shard-state.ts'

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
    return this.#step((state) => {
      const ids = requests.map(({ id }) => id)
      endOverdue(state, ids)
      const intents = this.#rows.intentsOf(ids)
      const rows = this.#rows.entriesOf(ids)
      const servable = state.judge(rows.values())
      // A key may be claimed twice in one batch: the second claim meets the first one's lease.
      const leases = new Map(this.#rows.leasesOf(ids))
      return requests.map((request): ClaimAnswer => {
        const { moment } = state
        if (intents.has(request.id)) return { kind: 'writing', ...moment }
        const row = rows.get(request.id)
        const entry = row !== undefined && servable(row) ? row : undefined
        const fresh = entry !== undefined && state.now < entry.freshUntil
        if (fresh && request.reason !== 'refresh') return { kind: 'fresh', entry, ...moment }
        const held = standing(leases.get(request.id), state.now)
        if (held !== undefined && held.token !== request.token) {
          return { kind: 'wait', remainingMs: held.expiresAt - state.now, entry, ...moment }
        }
        const lease = held ?? {
          token: request.token,
          // Its own number, so that a token that asks again after losing its lease is told apart.
          grant: state.raise(),
          expiresAt: state.now + leaseMs,
        }
        leases.set(request.id, lease)
        if (held === undefined) this.#rows.putLease(request.id, lease)
        return { kind: 'granted', grant: lease.grant, entry, ...state.moment }
      })
    })
  }

  fill(values: readonly FillRequest[]): readonly FillAnswer[] {
    return this.#step((state) => {
      const ids = values.map(({ id }) => id)
      endOverdue(state, ids)
      const intents = this.#rows.intentsOf(ids)
      const leases = new Map(this.#rows.leasesOf(ids))
      const rowOf = (value: FillRequest): ShardRow => newRow(state, value, value.grant)
      const servable = state.judge(values.map(rowOf))
      return values.map((value): FillAnswer => {
        const held = standing(leases.get(value.id), state.now)
        const mine = held?.token === value.token && held.grant === value.grant
        if (mine) {
          leases.delete(value.id)
          this.#rows.removeLeases([value.id])
        }
        const { epoch, leaseFloor } = state.control
        const row = rowOf(value)
        const kept =
          mine &&
          value.epoch === epoch &&
          value.grant >= leaseFloor &&
          !intents.has(value.id) &&
          // A tag of it was removed since the load began.
          servable(row)
        if (kept) this.#rows.put(row)
        return { kind: kept ? 'stored' : 'refused', ...state.moment }
      })
    })
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
      const ids = values.map(({ id }) => id)
      endOverdue(state, ids)
      const intents = this.#rows.intentsOf(ids)
      this.#rows.removeLeases(ids)
      return values.map((value): SetAnswer => {
        const sequence = state.raise()
        if (intents.has(value.id)) return { kind: 'writing', ...state.moment }
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

  invalidate(what: Invalidation): InvalidationAnswer {
    return this.#step((state) => {
      let found: readonly boolean[] = []
      switch (what.kind) {
        case 'keys':
          found = what.mode === 'delete' ? this.#delete(state, what) : this.#expire(state, what)
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
      const ids = requests.map(({ id }) => id)
      endOverdue(state, ids)
      this.#rows.remove(ids, 'invalidated')
      this.#rows.removeLeases(ids)
      return requests.map(({ id, token, deadlineMs, tags }) => {
        this.#rows.putIntent(id, { token, deadline: state.now + deadlineMs, tags })
        state.raise()
        return state.moment
      })
    })
  }

  endIntent(requests: readonly EndIntentRequest[]): readonly ShardMoment[] {
    return this.#step((state) => {
      const ids = requests.map(({ id }) => id)
      this.#rows.remove(ids, 'invalidated')
      this.#rows.removeLeases(ids)
      return requests.map(({ id, token, tags }) => {
        this.#rows.removeIntent(id, token)
        state.raise()
        state.removeTags(tags)
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

  /**
   * One slice of cleaning up: rows that nobody may be served any more, leases and intents of those
   * who died. Answers where to go on, `undefined` at the end.
   */
  sweep(cursor: string | undefined, limit: number): string | undefined {
    return this.#step((state) => {
      endOverdue(state, this.#rows.overdueIntents(state.now, limit))
      this.#rows.sweepLeases(state.now, limit)
      const page = this.#rows.sweepPage(cursor, limit)
      const servable = state.judge(page.heads)
      const gone = page.heads.filter((head) => !servable(head))
      const expired = gone.filter(({ graceUntil }) => graceUntil <= state.now)
      const invalidated = gone.filter(({ graceUntil }) => graceUntil > state.now)
      this.#rows.remove(
        expired.map(({ id }) => id),
        'expired',
      )
      this.#rows.remove(
        invalidated.map(({ id }) => id),
        'invalidated',
      )
      return page.cursor
    })
  }

  #delete(state: ShardState, { keys }: { readonly keys: readonly SharedKey[] }): boolean[] {
    const ids = keys.map(({ id }) => id)
    const rows = this.#rows.entriesOf(ids)
    const servable = state.judge(rows.values())
    this.#rows.remove(ids, 'deleted')
    // Also where there was no entry: a load may be under way that has read what is deleted now.
    this.#rows.removeLeases(ids)
    state.raise()
    return ids.map((id) => {
      const row = rows.get(id)
      return row !== undefined && servable(row)
    })
  }

  #expire(state: ShardState, { keys }: { readonly keys: readonly SharedKey[] }): boolean[] {
    const ids = keys.map(({ id }) => id)
    const rows = this.#rows.entriesOf(ids)
    const servable = state.judge(rows.values())
    this.#rows.removeLeases(ids)
    state.raise()
    return ids.map((id) => {
      const row = rows.get(id)
      if (row === undefined || !servable(row)) return false
      const freshUntil = Math.min(row.freshUntil, state.now)
      // Without an end there is no distance between the two; readers know the grace that was granted.
      const endless = row.freshUntil === Number.POSITIVE_INFINITY
      const graceUntil = endless
        ? row.graceUntil
        : Math.min(row.graceUntil, freshUntil + row.graceUntil - row.freshUntil)
      this.#rows.setTimes(id, { freshUntil, graceUntil })
      return true
    })
  }

  #step<T>(run: (state: ShardState) => T): T {
    const state = new ShardState(this.#rows, this.#options.now(), this.#options.random)
    const answer = run(state)
    state.save()
    return answer
  }
}

function standing(lease: ShardLease | undefined, now: number): ShardLease | undefined {
  return lease !== undefined && now < lease.expiresAt ? lease : undefined
}

function newRow(state: ShardState, value: SharedValue, stamp: number): ShardRow {
  const { id, collection, envelope, ttlMs, graceMs, tags } = value
  const freshUntil = state.now + ttlMs
  return {
    id,
    collection,
    envelope,
    tags,
    epoch: state.control.epoch,
    stamp,
    storedAt: state.now,
    freshUntil,
    graceUntil: freshUntil + graceMs,
  }
}
