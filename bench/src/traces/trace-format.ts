/** The names of the trace formats, and the guess from a file's name. */

import { basename } from 'node:path'

export const traceFormats = [
  'lirs',
  'be32',
  'be64',
  'arc',
  'adaptsize',
  'oracle-general',
  'keys',
] as const

/** Closed set; a new member needs a reader in `read-trace.ts`. */
export type TraceFormat = (typeof traceFormats)[number]

/** Turns the bytes of a trace into keys, some at a time; nothing else of the trace is kept. */
export type TraceReader = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<readonly string[]>

/**
 * The format that a file's name speaks for, or `undefined`.
 *
 * `.trace` is used for several formats, so for it the name of the collection decides.
 */
export function guessFormat(path: string): TraceFormat | undefined {
  const name = basename(path)
    .toLowerCase()
    .replace(/\.(gz|zst|xz)$/, '')
  if (/oracle-?general/.test(name)) return 'oracle-general'
  if (/\.be32$/.test(name)) return 'be32'
  if (/\.be64$/.test(name)) return 'be64'
  if (/\.lis$/.test(name)) return 'arc'
  if (/\.tr$/.test(name)) return 'adaptsize'
  if (/\.(keys|txt)$/.test(name)) return 'keys'
  if (/\.lirs$/.test(name)) return 'lirs'
  if (!/\.trace$/.test(name)) return undefined
  const folders = path.toLowerCase()
  if (/cache2k/.test(folders)) return 'be32'
  return /lirs/.test(folders) ? 'lirs' : undefined
}
