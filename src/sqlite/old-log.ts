/**
 * The log that a file has left at its path when another one was moved there. SQLite applies a log to
 * whatever file stands beside it, and would write pages of the old file into the new one.
 *
 * Made by `TierEngine` before it lets go of a file that has moved, and removed before it opens the path anew.
 */

import { randomUUID } from 'node:crypto'
import { closeSync, fstatSync, linkSync, openSync, rmSync } from 'node:fs'
import { interrupted } from './call-outcome.ts'
import { inodeOf } from './file-inode.ts'

export interface OldLogOptions {
  readonly path: string
  /** Of the file that has moved, and of its log, as they were opened. */
  readonly inode: string | undefined
  readonly logInode: string | undefined
}

export class OldLog {
  readonly #path: string
  readonly #inode: string | undefined
  /** Held open, so that no new log gets the same inode. */
  #log: number | undefined

  constructor({ path, inode, logInode }: OldLogOptions) {
    this.#path = path
    this.#inode = inode
    if (logInode === undefined || inodeOf(`${path}-wal`) !== logInode) return
    this.#log = openSync(`${path}-wal`, 'r')
  }

  /**
   * Removes the log if it still stands at the path, beside another file that nobody has open.
   *
   * Two processes: both find the old log, one removes it and opens the new file, and the other one would
   * remove the log that has come with it, and with it what the first has written. So it is looked at and
   * removed under the exclusive lock of the new file.
   *
   * @throws what a person has to do where somebody has the new file open.
   */
  remove(): void {
    if (this.#isBeside()) {
      try {
        this.#removeAlone()
      } catch (error) {
        const where = `${this.#path}-wal and ${this.#path}-shm`
        const cure = `End the processes that use it, delete ${where}, and start again.`
        const { message, resultCode } = interrupted(
          `Cannot open ${this.#path}: the log of the file that was there before still lies beside it. ${cure}`,
        )
        throw Object.assign(new Error(message, { cause: error }), { errcode: resultCode })
      }
    }
    this.close()
  }

  close(): void {
    if (this.#log !== undefined) closeSync(this.#log)
    this.#log = undefined
  }

  /**
   * Whether it stands beside another file. Beside its own, which may be moved back, it holds what was
   * written last; beside one that is missing or empty, SQLite removes it by itself.
   */
  #isBeside(): boolean {
    const file = inodeOf(this.#path)
    if (this.#log === undefined || file === undefined || file === this.#inode) return false
    return inodeOf(`${this.#path}-wal`) === fstatSync(this.#log, { bigint: true }).ino.toString()
  }

  #removeAlone(): void {
    // Under another name the file has no log, so it can be locked without the old one being applied.
    const alias = `${this.#path}-${randomUUID()}`
    linkSync(this.#path, alias)
    try {
      const { DatabaseSync } = process.getBuiltinModule('node:sqlite')
      const db = new DatabaseSync(alias, { timeout: 0 })
      try {
        db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
        if (inodeOf(alias) === inodeOf(this.#path) && this.#isBeside()) {
          for (const end of ['-shm', '-wal']) rmSync(this.#path + end, { force: true })
        }
      } finally {
        db.close()
      }
    } finally {
      for (const end of ['', '-wal', '-shm', '-journal']) rmSync(alias + end, { force: true })
    }
  }
}
