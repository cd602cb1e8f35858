/** The format of AdaptSize: text, `time object size`, blanks between. Only the object is read. */

import { UsageError } from '../usage-error.ts'
import { textLines } from './text-lines.ts'

export async function* adaptsizeTrace(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  for await (const lines of textLines(bytes)) {
    yield lines.filter((line) => line.trim() !== '').map(objectOf)
  }
}

function objectOf(line: string): string {
  const [time, object, size] = line.trim().split(/[\s,]+/)
  if (object !== undefined && size !== undefined && Number.isFinite(Number(time))) return object
  throw new UsageError(
    `\`${line.slice(0, 40)}\` is no \`time object size\`. Is --format adaptsize right?`,
  )
}
