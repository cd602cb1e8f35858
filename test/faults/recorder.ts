/** What a worker has seen, until it is sent to the judge. */

import type { Note, ReadRecord, Stall, TrafficLog, WriteRecord } from './messages.ts'
import { monotonicMs } from './monotonic-ms.ts'
import { StallWatch } from './stall-watch.ts'

/** Of one log; beyond it the cache tells nothing new. */
const MAX_NOTES = 200

export class Recorder {
  #reads: ReadRecord[] = []
  #writes: WriteRecord[] = []
  #notes: Note[] = []
  #stalls: Stall[] = []
  readonly #watch = new StallWatch((stall) => this.#stalls.push(stall))

  read(record: ReadRecord): void {
    this.#reads.push(record)
  }

  wrote(record: WriteRecord): void {
    this.#writes.push(record)
  }

  note(text: string): void {
    if (this.#notes.length < MAX_NOTES) this.#notes.push({ at: monotonicMs(), text })
  }

  /** All since the last time. */
  take(): TrafficLog {
    this.#watch.look()
    const log = {
      reads: this.#reads,
      writes: this.#writes,
      notes: this.#notes,
      stalls: this.#stalls,
    }
    this.#reads = []
    this.#writes = []
    this.#notes = []
    this.#stalls = []
    return log
  }

  close(): void {
    this.#watch.close()
  }
}
