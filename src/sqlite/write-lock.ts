/**
 * Waits for the write lock of a file while other processes have it. Used by `Transactions`.
 *
 * SQLite's own way to wait sleeps for 1, 2, 5, 10 and up to 100 milliseconds. Transactions here take a few,
 * and who writes all the time leaves the lock free for less than one of them: whoever slept through that
 * waited a hundred times as long as it had to, or gave up.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { describeFault } from './describe-fault.ts'

/** Between two tries: short at first, since most who hold the lock are about to commit. */
const PAUSE = { leastMs: 0.05, mostMs: 0.5, growth: 1.25 } as const

const BUSY = 5

export interface WriteLockOptions {
  /** Begins a transaction that writes. */
  readonly begin: StatementSync
  readonly busyTimeoutMs: number
}

/** @throws what SQLite says where the lock was not free in time. */
export function takeWriteLock(db: DatabaseSync, { begin, busyTimeoutMs }: WriteLockOptions): void {
  db.exec('PRAGMA busy_timeout = 0')
  try {
    const until = performance.now() + busyTimeoutMs
    for (let pauseMs: number = PAUSE.leastMs; !isBegun(begin, until); pauseMs *= PAUSE.growth) {
      // The thread sleeps: all that it could do meanwhile waits for the same lock.
      Atomics.wait(SLEEP, 0, 0, Math.min(pauseMs, PAUSE.mostMs))
    }
  } finally {
    db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
  }
}

/** Nobody ever wakes it. */
const SLEEP = new Int32Array(new SharedArrayBuffer(4))

function isBegun(begin: StatementSync, until: number): boolean {
  try {
    begin.run()
    return true
  } catch (error) {
    const isBusy = (describeFault(error).resultCode & 0xff) === BUSY
    if (!isBusy || performance.now() >= until) throw error
    return false
  }
}
