/** Plays seeds in worker processes, a few at a time. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SourceChange } from './planted-fault.ts'
import type { SeedsPlayed, SeedsRequest } from './play-seeds.ts'
import type { RowsKind } from './rooms.ts'

export interface Work extends SeedsRequest {
  /** The sources. */
  readonly folder: string
  /** Rules that are taken out of them. */
  readonly changes?: readonly SourceChange[]
  readonly rows: RowsKind
}

const run = promisify(execFile)
const WORKER = join(import.meta.dirname, 'run-seeds.ts')
/** A sketch of states is most of what a worker prints. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

export class WorkerPool {
  readonly #waiting: (() => void)[] = []
  readonly workers: number
  #free: number

  constructor(workers: number) {
    this.workers = workers
    this.#free = workers
  }

  /** @throws an error if the worker fails, with what it said. */
  async play(work: Work): Promise<SeedsPlayed> {
    await this.#turn()
    try {
      const args = ['--no-warnings', WORKER, JSON.stringify(work)]
      const { stdout } = await run(process.execPath, args, { maxBuffer: MAX_OUTPUT_BYTES })
      return JSON.parse(stdout) as SeedsPlayed
    } finally {
      this.#free += 1
      this.#waiting.shift()?.()
    }
  }

  async #turn(): Promise<void> {
    while (this.#free === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    this.#free -= 1
  }
}
