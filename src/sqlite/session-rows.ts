/**
 * What one cache remembers of the sessions that use it: their last operations, and how far they have
 * followed. Part of `SqliteRows`. A broken row is none.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ShardStanding } from '../shard/index.ts'
import { isNumber } from './entry-of-columns.ts'
import { prepareAll } from './prepare-all.ts'
import { originalText, storedText } from './stored-text.ts'

const STATEMENTS = {
  operation: 'SELECT operation FROM operations WHERE cache = ? AND session = ?',
  putOperation:
    'INSERT OR REPLACE INTO operations (cache, session, operation, at) VALUES (?, ?, ?, ?)',
  forgetOperations: `DELETE FROM operations
    WHERE cache = ? AND (at < ? OR typeof(at) <> 'real' OR typeof(operation) <> 'real')`,
  standings:
    'SELECT session, instance, epoch, cursor, at FROM standings WHERE cache = ? AND at >= ?',
  putStanding: `INSERT OR REPLACE INTO standings (cache, session, instance, epoch, cursor, at)
    VALUES (?, ?, ?, ?, ?, ?)`,
  forgetStandings: "DELETE FROM standings WHERE cache = ? AND (at < ? OR typeof(at) <> 'real')",
} as const

export class SessionRows {
  readonly #cache: number
  readonly #statements: Readonly<Record<keyof typeof STATEMENTS, StatementSync>>

  constructor(db: DatabaseSync, cache: number) {
    this.#cache = cache
    this.#statements = prepareAll(db, STATEMENTS)
  }

  operation(session: string): number | undefined {
    const { operation } = this.#statements.operation.get(this.#cache, storedText(session)) ?? {}
    return isNumber(operation) && Number.isFinite(operation) ? operation : undefined
  }

  putOperation(session: string, operation: number, at: number): void {
    this.#statements.putOperation.run(this.#cache, storedText(session), operation, at)
  }

  forgetOperations(before: number): void {
    this.#statements.forgetOperations.run(this.#cache, before)
  }

  standings(since: number): readonly ShardStanding[] {
    return this.#statements.standings.all(this.#cache, since).flatMap((row) => {
      const { cursor, at } = row
      const session = originalText(row['session'])
      const instance = originalText(row['instance'])
      const epoch = originalText(row['epoch'])
      if (session === undefined || instance === undefined || epoch === undefined) return []
      if (!isNumber(cursor) || !isNumber(at)) return []
      return [{ session, instance, epoch, cursor, at }]
    })
  }

  putStanding({ session, instance, epoch, cursor, at }: ShardStanding): void {
    const [key, name] = [storedText(session), storedText(instance)]
    this.#statements.putStanding.run(this.#cache, key, name, storedText(epoch), cursor, at)
  }

  forgetStandings(before: number): void {
    this.#statements.forgetStandings.run(this.#cache, before)
  }
}
