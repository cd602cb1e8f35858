/**
 * What the workers told, in a file that is on the disk before anything of it counts. One line each:
 * when the judge had it (milliseconds of its own), who told it, and the worker's own line.
 */

import { type FileHandle, open } from 'node:fs/promises'
import { monotonicMs } from '../faults/monotonic-ms.ts'

export class LedgerFile {
  readonly path: string
  readonly #file: FileHandle
  #lines: string[] = []
  #writing: Promise<void> | undefined
  /** That are on the disk. */
  #acknowledged = 0

  private constructor(path: string, file: FileHandle) {
    this.path = path
    this.#file = file
  }

  static async create(path: string): Promise<LedgerFile> {
    return new LedgerFile(path, await open(path, 'ax'))
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  add(teller: string, line: string): void {
    this.#lines.push(`${Math.round(monotonicMs())} ${teller} ${line}\n`)
    this.#writing ??= this.#write()
  }

  /** Resolves when all that was added is on the disk. */
  async settled(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing
  }

  async close(): Promise<void> {
    await this.settled()
    await this.#file.close()
  }

  async #write(): Promise<void> {
    while (this.#lines.length > 0) {
      const lines = this.#lines
      this.#lines = []
      await this.#file.write(lines.join(''))
      await this.#file.datasync()
      this.#acknowledged += lines.filter((line) => line.includes(' ack ')).length
    }
    this.#writing = undefined
  }
}
