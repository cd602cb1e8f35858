/** The locks of one cache in the file: what `LockEngine` stands on. A broken one is none. */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { CleanUpNote } from '../contracts/idle-steps.ts'
import type { HeldLock, LockRows } from '../shard/index.ts'
import { isNumber } from './entry-of-columns.ts'
import { prepareAll } from './prepare-all.ts'
import { originalText, storedText, storedTexts } from './stored-text.ts'

/** A row like a lock's, under the name that no lock can have: a table of its own would take a page. */
const CLEAN_UP = ''

const STATEMENTS = {
  sequence: 'SELECT lock_sequence FROM caches WHERE cache = ?',
  saveSequence: `INSERT INTO caches (lock_sequence, cache, name) VALUES (?, ?, ?)
    ON CONFLICT (cache) DO UPDATE SET lock_sequence = excluded.lock_sequence`,
  find: `SELECT locks.name, owner, token, expires_at FROM json_each(?) AS asked
    CROSS JOIN locks ON locks.cache = ? AND locks.name = asked.value`,
  put: `INSERT OR REPLACE INTO locks (cache, name, owner, token, expires_at)
    SELECT ?, value, ?, ?, ? FROM json_each(?) WHERE true`,
  remove: 'DELETE FROM locks WHERE cache = ? AND name IN (SELECT value FROM json_each(?))',
  sweep: `DELETE FROM locks WHERE cache = ? AND name IN (
    SELECT name FROM locks
    WHERE cache = ? AND (expires_at <= ? OR typeof(expires_at) <> 'real') LIMIT ?)`,
} as const

export class SqliteLocks implements LockRows {
  readonly #cache: number
  readonly #statements: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>

  constructor(db: DatabaseSync, cache: number) {
    this.#cache = cache
    this.#statements = prepareAll(db, STATEMENTS)
  }

  lockSequence(): number | undefined {
    const { lock_sequence: sequence } = this.#statements.sequence.get(this.#cache) ?? {}
    return isNumber(sequence) && Number.isSafeInteger(sequence) ? sequence : undefined
  }

  saveLockSequence(sequence: number): void {
    // The row itself may have been removed by somebody else.
    this.#statements.saveSequence.run(sequence, this.#cache, `unnamed ${this.#cache}`)
  }

  locksOf(names: readonly string[]): ReadonlyMap<string, HeldLock> {
    const locks = new Map<string, HeldLock>()
    for (const row of this.#statements.find.all(storedTexts(names), this.#cache)) {
      const { token, expires_at: expiresAt } = row
      const name = originalText(row['name'])
      const owner = originalText(row['owner'])
      if (name === undefined || owner === undefined) continue
      if (!isNumber(token) || !Number.isSafeInteger(token) || !isNumber(expiresAt)) continue
      locks.set(name, { owner, token, expiresAt })
    }
    return locks
  }

  putLocks(names: readonly string[], { owner, token, expiresAt }: HeldLock): void {
    const stored = storedTexts(names)
    this.#statements.put.run(this.#cache, storedText(owner), token, expiresAt, stored)
  }

  removeLocks(names: readonly string[]): void {
    this.#statements.remove.run(this.#cache, storedTexts(names))
  }

  cleanUp(): CleanUpNote | undefined {
    const kept = this.locksOf([CLEAN_UP]).get(CLEAN_UP)
    return kept && { token: kept.token, text: kept.owner }
  }

  putCleanUp({ token, text }: CleanUpNote): void {
    this.putLocks([CLEAN_UP], { owner: text, token, expiresAt: Number.POSITIVE_INFINITY })
  }

  sweepLocks(tick: number, limit: number): void {
    this.#statements.sweep.run(this.#cache, this.#cache, tick, limit)
  }
}
