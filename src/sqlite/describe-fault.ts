/** Errors of SQLite and of Node, as data that travels and in words that a person can act on. */

import type { Fault } from './call-outcome.ts'

/** What the primary result codes mean to somebody who has to mend it; see sqlite.org/rescode.html. */
const MEANINGS: Readonly<Record<number, string>> = {
  5: 'Another process holds the lock of the file.',
  6: 'The table is locked by another connection of this process.',
  8: 'The file cannot be written: check its permissions and those of its folder.',
  10: 'The disk failed.',
  11: 'The file is damaged.',
  13: 'The disk is full.',
  14: 'The file cannot be opened: its folder must exist and be writable.',
  26: 'The file is not an SQLite database.',
}

export function describeFault(error: unknown): Fault {
  if (!(error instanceof Error)) return { message: String(error), resultCode: 0 }
  const resultCode = resultCodeOf(error)
  const meaning = MEANINGS[resultCode & 0xff]
  // An error that was described once, on its way through `openFile`, says it already.
  const said = meaning === undefined || error.message.includes(meaning)
  const message = said ? error.message : `${meaning} (${error.message})`
  return { message, resultCode }
}

/** SQLite's extended result code; 0 for an error that is not SQLite's. */
function resultCodeOf(error: Error): number {
  const { errcode } = error as { readonly errcode?: unknown }
  return typeof errcode === 'number' ? errcode : 0
}
