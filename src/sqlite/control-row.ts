/** The control record of one cache, in its row of `caches`. Part of `SqliteRows`. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ShardControl } from '../shard/index.ts'
import { storedText } from './stored-text.ts'

/** The number of a cache in the file. Gives it one if it is new; must run in a transaction that writes. */
export function cacheNumber(db: DatabaseSync, name: string): number {
  const find = db.prepare('SELECT cache FROM caches WHERE name = ?')
  const text = storedText(name)
  // Asked for first: a file that others write all the time is opened without waiting for them.
  const known = find.get(text)
  if (known !== undefined) return Number(known['cache'])
  db.prepare('INSERT OR IGNORE INTO caches (name) VALUES (?)').run(text)
  return Number(find.get(text)?.['cache'])
}

export class ControlRow {
  readonly #cache: number
  readonly #find: StatementSync
  readonly #save: StatementSync
  readonly #sequence: StatementSync

  constructor(db: DatabaseSync, cache: number) {
    this.#cache = cache
    this.#find = db.prepare(
      'SELECT epoch, sequence, floor, lease_floor, tagged_floor FROM caches WHERE cache = ?',
    )
    this.#sequence = db.prepare('SELECT sequence FROM caches WHERE cache = ?')
    // The row itself may have been removed by somebody else.
    this.#save = db.prepare(
      `INSERT INTO caches (epoch, sequence, floor, lease_floor, tagged_floor, cache, name)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (cache) DO UPDATE SET epoch = excluded.epoch, sequence = excluded.sequence,
          floor = excluded.floor, lease_floor = excluded.lease_floor,
          tagged_floor = excluded.tagged_floor`,
    )
  }

  find(): ShardControl | undefined {
    const { epoch, sequence, floor, lease_floor, tagged_floor } = this.#find.get(this.#cache) ?? {}
    if (typeof epoch !== 'string' || epoch === '') return undefined
    if (!isSequence(sequence) || !isSequence(floor)) return undefined
    if (!isSequence(lease_floor) || !isSequence(tagged_floor)) return undefined
    return { epoch, sequence, floor, leaseFloor: lease_floor, taggedFloor: tagged_floor }
  }

  /** The sequence that stands there, also in a record that makes no sense; or 0. */
  get sequence(): number {
    const { sequence } = this.#sequence.get(this.#cache) ?? {}
    return isSequence(sequence) ? sequence : 0
  }

  save(control: ShardControl): void {
    const { epoch, sequence, floor, leaseFloor, taggedFloor } = control
    const unnamed = `unnamed ${this.#cache}`
    this.#save.run(epoch, sequence, floor, leaseFloor, taggedFloor, this.#cache, unnamed)
  }
}

function isSequence(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
