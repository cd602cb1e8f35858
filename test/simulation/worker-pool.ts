/** Plays seeds in worker processes, a few at a time. */

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SeedsPlayed, SeedsRequest } from './play-seeds.ts'
import type { RowsKind } from './rooms.ts'

export interface Work extends SeedsRequest {
  /** The sources. */
  readonly folder: string
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
  async play({
    folder,
    rows,
    first,
    count,
    stopAt,
    profile,
    storeFault,
  }: Work): Promise<SeedsPlayed> {
    await this.#turn()
    try {
      const stop = stopAt === 'end' ? 'go on' : 'stop'
      const args = [
        '--no-warnings',
        WORKER,
        folder,
        rows,
        String(first),
        String(count),
        stop,
        profile ?? '',
        storeFault ?? '',
      ]
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
