/**
 * Tells a tier's file from an older copy of itself that was put back in its place: the same word stands in
 * the file and beside it, and is drawn anew every minute in which the file is open. A copy has an older word.
 *
 * Asked when a file is opened (`tier-layout.ts`), renewed by it and by `TierUpkeep`.
 */

import { randomUUID } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'

export class FileMark {
  readonly #db: DatabaseSync
  /** The file beside; none for a database in memory, of which there are no copies. */
  readonly #beside: string | undefined

  constructor(db: DatabaseSync) {
    this.#db = db
    // As SQLite names it, whose log stands there too: a path may lead there by links.
    const { file } =
      db.prepare("SELECT file FROM pragma_database_list WHERE name = 'main'").get() ?? {}
    this.#beside = typeof file === 'string' && file !== '' ? `${file}-mark` : undefined
  }

  /** Whether both words are one. Without a lock it may be told while they are being renewed, that they differ. */
  get isKnown(): boolean {
    if (this.#beside === undefined) return true
    const [table] = this.#db.prepare("SELECT name FROM sqlite_schema WHERE name = 'marks'").all()
    if (table === undefined) return false
    const { word } = this.#db.prepare('SELECT word FROM marks').get() ?? {}
    return word !== undefined && word === wordIn(this.#beside)
  }

  /**
   * Must run in a transaction that writes: no two processes do it at once, and who has seen the words differ
   * looks again once it has the lock. A process that dies in the middle leaves a file whose entries are
   * misses. So does a folder that cannot be written, but for steps of its own it must not fail.
   */
  renew(): void {
    if (this.#beside === undefined) return
    const word = randomUUID()
    try {
      writeFileSync(`${this.#beside}.new`, word)
      renameSync(`${this.#beside}.new`, this.#beside)
    } catch {
      return
    }
    this.#db.exec(
      'CREATE TABLE IF NOT EXISTS marks (one INTEGER PRIMARY KEY CHECK (one = 1), word)',
    )
    this.#db.prepare('INSERT OR REPLACE INTO marks VALUES (1, ?)').run(word)
  }
}

function wordIn(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
