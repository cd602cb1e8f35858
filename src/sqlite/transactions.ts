/**
 * Runs the steps of one tick in one transaction, each in a savepoint of its own where there are several:
 * one alone is taken back with the transaction, and pays for no copies of the pages that it changes.
 *
 * Used by both engines. A step that fails takes back its own changes and fails its own callers;
 * where the transaction itself is lost, all of them fail and nothing is changed.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { CallOutcome } from './call-outcome.ts'
import { describeFault } from './describe-fault.ts'
import { takeWriteLock } from './write-lock.ts'

/** Primary result codes of a file that takes no writes for now, and can be read: locked, read-only, full. */
const REFUSALS = [5, 8, 13]

export class Transactions {
  readonly #db: DatabaseSync
  readonly #busyTimeoutMs: number
  readonly #statements: Readonly<Record<'read' | 'write' | 'commit' | 'rollback', StatementSync>>
  /** As the file was opened: durable transactions are the exception. */
  #isFull = false
  readonly #savepoint: Readonly<Record<'begin' | 'keep' | 'undo', StatementSync>>

  constructor(db: DatabaseSync, busyTimeoutMs: number) {
    this.#db = db
    this.#busyTimeoutMs = busyTimeoutMs
    this.#statements = {
      read: command(db, 'BEGIN'),
      // Takes the write lock at the start: a transaction that reads first and then finds somebody
      // else writing could only give up.
      write: command(db, 'BEGIN IMMEDIATE'),
      commit: command(db, 'COMMIT'),
      rollback: command(db, 'ROLLBACK'),
    }
    this.#savepoint = {
      begin: command(db, 'SAVEPOINT step'),
      keep: command(db, 'RELEASE step'),
      undo: command(db, 'ROLLBACK TO step'),
    }
  }

  /** All steps see the file as it was at one moment. Needs no lock that a writer could hold. */
  read(steps: readonly (() => unknown)[]): readonly CallOutcome[] {
    return this.#run('read', steps)
  }

  /** From the next transaction on: `true`, and its commit is on the disk before it is answered. */
  makeDurable(durable: boolean): void {
    if (durable === this.#isFull) return
    this.#db.exec(`PRAGMA synchronous = ${durable ? 'FULL' : 'NORMAL'}`)
    this.#isFull = durable
  }

  /** The steps and one commit. `finish` belongs to all of them: what it throws fails them all. */
  write(steps: readonly (() => unknown)[], finish?: () => void): readonly CallOutcome[] {
    return this.#run('write', steps, finish).map(markRefusal)
  }

  #run(
    kind: 'read' | 'write',
    steps: readonly (() => unknown)[],
    finish?: () => void,
  ): readonly CallOutcome[] {
    try {
      this.#begin(kind)
      const [first] = steps
      if (kind === 'write' && first !== undefined && steps.length === 1) {
        const alone = this.#alone(first)
        if (!alone.ok) return [alone]
        finish?.()
        this.#statements.commit.run()
        return [alone]
      }
      const outcomes = steps.map((step) => (kind === 'read' ? attempt(step) : this.#step(step)))
      finish?.()
      this.#statements.commit.run()
      return outcomes
    } catch (error) {
      if (this.#db.isTransaction) attempt(() => this.#statements.rollback.run())
      const fault = describeFault(error)
      return steps.map(() => ({ ok: false, fault }))
    }
  }

  #begin(kind: 'read' | 'write'): void {
    const begin = this.#statements[kind]
    if (kind === 'read') begin.run()
    else takeWriteLock(this.#db, { begin, busyTimeoutMs: this.#busyTimeoutMs })
  }

  /** What fails takes the transaction with it. @throws as `#step` */
  #alone(step: () => unknown): CallOutcome {
    const outcome = attempt(step)
    if (!this.#db.isTransaction) throw lost(outcome)
    if (!outcome.ok) this.#statements.rollback.run()
    return outcome
  }

  /** @throws if the transaction is lost, for instance because the disk is full. */
  #step(step: () => unknown): CallOutcome {
    this.#savepoint.begin.run()
    const outcome = attempt(step)
    // SQLite rolls all of it back by itself after some errors; then there is no savepoint either.
    if (!this.#db.isTransaction) throw lost(outcome)
    if (!outcome.ok) this.#savepoint.undo.run()
    this.#savepoint.keep.run()
    return outcome
  }
}

function markRefusal(outcome: CallOutcome): CallOutcome {
  if (outcome.ok || !REFUSALS.includes(outcome.fault.resultCode & 0xff)) return outcome
  return { ok: false, fault: { ...outcome.fault, refused: true } }
}

function lost(outcome: CallOutcome): Error {
  if (outcome.ok) return new Error('The transaction ended in the middle.')
  return Object.assign(new Error(outcome.fault.message), { errcode: outcome.fault.resultCode })
}

function attempt(step: () => unknown): CallOutcome {
  try {
    return { ok: true, value: step() }
  } catch (error) {
    return { ok: false, fault: describeFault(error) }
  }
}

/**
 * Every run answers with the id of the row that was inserted last, whatever it does itself. Node 26 throws
 * where that is too large for a number, after the command was carried out, unless bigints may be read.
 */
function command(db: DatabaseSync, sql: string): StatementSync {
  const statement = db.prepare(sql)
  statement.setReadBigInts(true)
  return statement
}
