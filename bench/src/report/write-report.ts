/** Writes what `--json` and `--markdown` ask for. Called by both commands. */

import { writeFile } from 'node:fs/promises'
import { UsageError } from '../usage-error.ts'

/** @throws UsageError if the file cannot be written. */
export async function writeReport(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`Cannot write ${path}: ${reason}`, { cause: error })
  }
}
