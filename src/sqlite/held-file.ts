/**
 * A file that is open or, as soon as it can be, will be: what keeps it from being opened passes, such as a
 * lock, a folder that is mounted late, or damage that somebody mends. Both engines hold theirs so.
 */

import { type Fault, interrupted } from './call-outcome.ts'
import { describeFault } from './describe-fault.ts'

/**
 * Between two tries to open what SQLite could not, each of which may wait for a lock a few times as long
 * as a call does.
 */
export const REOPEN_MS = 1_000
/** After a refusal, such as of the database of another program: each look takes a lock that it may want. */
const REFUSED_MS = 60_000
/** Time that the first try has while others hold the lock: longer than any commit of ours. */
const FIRST_LIMIT_MS = 2_000

export interface HeldFileOptions<File> {
  /** Waits for locks for `limitMs` at most. @throws with what a person can do about it. */
  readonly open: (limitMs: number) => File
  readonly monotonic: () => number
}

export class HeldFile<File extends { close(): void }> {
  readonly #options: HeldFileOptions<File>
  #file: File | undefined
  #fault: Fault | undefined
  #closed = false
  /** Of the next try. */
  #openAt = Number.NEGATIVE_INFINITY

  /** Opens it at once where that can be. */
  constructor(options: HeldFileOptions<File>) {
    this.#options = options
    this.open()
  }

  get file(): File | undefined {
    return this.#file
  }

  /** Why it is not open. */
  get fault(): Fault | undefined {
    return this.#fault
  }

  get closed(): boolean {
    return this.#closed
  }

  /** The file, opened if it is not and the pause after the last try is over. */
  open(): File | undefined {
    const { open, monotonic } = this.#options
    if (this.#file !== undefined || this.#closed || monotonic() < this.#openAt) return this.#file
    try {
      // Who has failed before does not stop the calls behind it for long, which are answered why.
      this.#file = open(this.#fault === undefined ? FIRST_LIMIT_MS : 0)
      this.#fault = undefined
    } catch (error) {
      const fault = describeFault(error)
      this.#rest(fault, fault.resultCode === 0 ? REFUSED_MS : REOPEN_MS)
    }
    return this.#file
  }

  /** Lets go of the file. With a fault it is opened anew after a pause, otherwise when it is asked for. */
  leave(fault?: Fault): void {
    const file = this.#file
    this.#file = undefined
    if (fault !== undefined) this.#rest(fault, REOPEN_MS)
    try {
      file?.close()
    } catch {
      // What it could not write down at its end is the file's own damage, which the next opening meets.
    }
  }

  close(): void {
    this.#closed = true
    this.leave(interrupted('The file was closed.'))
  }

  #rest(fault: Fault, pauseMs: number): void {
    this.#fault = fault
    this.#openAt = this.#options.monotonic() + pauseMs
  }
}
