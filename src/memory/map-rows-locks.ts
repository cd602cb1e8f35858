/** The locks of one cache in this process's memory: what `LockEngine` stands on in `memoryTier`. */

import type { CleanUpNote } from '../contracts/idle-steps.ts'
import type { HeldLock, LockRows } from '../shard/index.ts'

export class MapLocks implements LockRows {
  #sequence: number | undefined
  #cleanUp: CleanUpNote | undefined
  readonly #locks = new Map<string, HeldLock>()

  cleanUp(): CleanUpNote | undefined {
    return this.#cleanUp
  }

  putCleanUp(note: CleanUpNote): void {
    this.#cleanUp = note
  }

  lockSequence(): number | undefined {
    return this.#sequence
  }

  saveLockSequence(sequence: number): void {
    this.#sequence = sequence
  }

  locksOf(names: readonly string[]): ReadonlyMap<string, HeldLock> {
    const found = new Map<string, HeldLock>()
    for (const name of names) {
      const lock = this.#locks.get(name)
      if (lock !== undefined) found.set(name, lock)
    }
    return found
  }

  putLocks(names: readonly string[], lock: HeldLock): void {
    for (const name of names) {
      // The one that was taken or renewed longest ago is the first to be looked at by a sweep.
      this.#locks.delete(name)
      this.#locks.set(name, lock)
    }
  }

  removeLocks(names: readonly string[]): void {
    for (const name of names) this.#locks.delete(name)
  }

  sweepLocks(tick: number, limit: number): void {
    const ended = [...this.#locks].filter(([, { expiresAt }]) => expiresAt <= tick)
    for (const [name] of ended.slice(0, limit)) this.#locks.delete(name)
  }
}
