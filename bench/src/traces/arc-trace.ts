/** The format of the ARC paper: text, `start count ignored number`, for `count` blocks from `start`. */

import { UsageError } from '../usage-error.ts'
import { textLines } from './text-lines.ts'

/** Keys handed on at a time: one line may stand for millions. */
const batchMax = 4096

export async function* arcTrace(
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<readonly string[]> {
  let keys: string[] = []
  for await (const lines of textLines(bytes)) {
    for (const line of lines) {
      if (line.trim() === '') continue
      const { start, count } = extent(line)
      for (let block = start; block < start + count; block += 1) {
        keys.push(String(block))
        if (keys.length < batchMax) continue
        yield keys
        keys = []
      }
    }
  }
  if (keys.length > 0) yield keys
}

function extent(line: string): { readonly start: number; readonly count: number } {
  const match = /^\s*(\d+)\s+(\d+)(?:\s|$)/.exec(line)
  const start = Number(match?.[1])
  const count = Number(match?.[2])
  if (Number.isSafeInteger(start + count)) return { start, count }
  throw new UsageError(`\`${line.slice(0, 40)}\` is no \`start count …\`. Is --format arc right?`)
}
