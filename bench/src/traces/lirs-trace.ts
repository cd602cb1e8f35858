/** The format of the LIRS authors: text, a block number a line; a line `*` is skipped. */

import { UsageError } from '../usage-error.ts'
import { textLines } from './text-lines.ts'

export async function* lirsTrace(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  for await (const lines of textLines(bytes)) {
    yield lines.map((line) => line.trim()).filter(isBlock)
  }
}

function isBlock(line: string): boolean {
  if (line === '*' || line === '') return false
  if (/^\d+$/.test(line)) return true
  throw new UsageError(`\`${line.slice(0, 40)}\` is no block number. Is --format lirs right?`)
}
