/** Text, one key a line as it stands; empty lines are skipped. */

import { textLines } from './text-lines.ts'

export async function* keysTrace(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  for await (const lines of textLines(bytes)) yield lines.filter((line) => line !== '')
}
