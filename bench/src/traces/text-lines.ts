/** Bytes to lines, for the formats that are text. */

import { UsageError } from '../usage-error.ts'

/** Longer lines are not a trace; without the bound, a binary file without line ends is held whole. */
const lineBytesMax = 65_536

/**
 * The lines of `bytes`, as many at a time as a chunk brought, without their ends; empty lines too.
 *
 * @throws UsageError for a line longer than 64 KiB.
 */
export async function* textLines(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of bytes) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > lineBytesMax) {
      throw new UsageError(
        `The trace has a line of more than ${lineBytesMax} bytes. Is --format right?`,
      )
    }
    if (lines.length > 0) yield lines.map(withoutReturn)
  }
  rest += decoder.decode()
  if (rest !== '') yield [withoutReturn(rest)]
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line
}
