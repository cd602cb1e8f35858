/** The flags of `npm run replay`. */

import { readFlags } from '../read-flags.ts'
import { guessFormat, type TraceFormat, traceFormats } from '../traces/trace-format.ts'
import type { ZipfTraceOptions } from '../traces/zipf-trace.ts'
import { UsageError } from '../usage-error.ts'

export interface ReplayOptions {
  readonly trace: TraceChoice
  /** `Infinity`: all that the trace has. */
  readonly requests: number
  /** Bound of the memory tier. */
  readonly entries: number
  /** Requests that are under way at the same time. */
  readonly readers: number
  readonly json: string | undefined
}

export type TraceChoice =
  | {
      readonly kind: 'file'
      readonly path: string
      readonly format: TraceFormat
      readonly formatFrom: 'flag' | 'name'
    }
  | ({ readonly kind: 'zipf' } & ZipfTraceOptions)

const usage = `Usage: npm run replay -- [--trace FILE] [--format F] [--requests N] [--entries M] [--json FILE]

Replays an access trace through a memory tier, an SQLite tier and an SQLite source,
and shows what the cache is worth: hit rates, queries saved, latency, memory.

  --trace FILE    the trace; .gz and .zst are read directly, .xz through the xz command
  --format F      ${traceFormats.join(', ')};
                  guessed from the file's name when absent
  --requests N    stop after N requests (default: the whole trace; 200000 generated ones)
  --entries M     entries in the memory tier (default 2000)
  --readers N     requests under way at once (default 1, so that hit rates are exact)
  --keys N        without --trace: keys of the generated Zipf trace (default 50000)
  --skew S        without --trace: its skew, 0 is uniform (default 0.9)
  --seed N        without --trace: another trace of the same kind (default 1)
  --json FILE     the result for programs
  --help          this text
`

const valued = [
  'trace',
  'format',
  'requests',
  'entries',
  'readers',
  'keys',
  'skew',
  'seed',
  'json',
] as const

/**
 * The usage text if `--help` asks for it.
 *
 * @throws UsageError for anything that is not in the usage text.
 */
export function replayOptions(args: readonly string[]): ReplayOptions | { readonly help: string } {
  const flags = readFlags(args, { valued, bare: ['help'] }, 0)
  if (flags.given('help')) return { help: usage }
  const requests = flags.whole('requests', { min: 1, max: 1e12 })
  const path = flags.text('trace')
  const zipf = {
    keys: flags.whole('keys', { min: 1, max: 1e7 }),
    skew: flags.number('skew', { min: 0, max: 10 }),
    seed: flags.whole('seed', { min: 0, max: 2 ** 32 - 1 }),
  }
  return {
    trace:
      path === undefined
        ? generated(zipf, requests, flags.text('format'))
        : fromFile(path, flags.text('format'), zipf),
    requests: requests ?? Number.POSITIVE_INFINITY,
    entries: flags.whole('entries', { min: 1, max: 1e8 }) ?? 2000,
    readers: flags.whole('readers', { min: 1, max: 1000 }) ?? 1,
    json: flags.text('json'),
  }
}

type ZipfFlags = Readonly<Record<'keys' | 'skew' | 'seed', number | undefined>>

function fromFile(path: string, format: string | undefined, zipf: ZipfFlags): TraceChoice {
  const [useless] = Object.entries(zipf).filter(([, value]) => value !== undefined)
  if (useless !== undefined) {
    throw new UsageError(`--${useless[0]} is for a generated trace and cannot go with --trace.`)
  }
  if (format === undefined) {
    const guessed = guessFormat(path)
    if (guessed !== undefined) return { kind: 'file', path, format: guessed, formatFrom: 'name' }
    throw new UsageError(
      `The name of ${path} does not tell its format: give --format (${traceFormats.join(', ')}).`,
    )
  }
  const known = traceFormats.find((name) => name === format)
  if (known !== undefined) return { kind: 'file', path, format: known, formatFrom: 'flag' }
  throw new UsageError(
    `Expected --format to be one of ${traceFormats.join(', ')}, got \`${format}\`.`,
  )
}

function generated(
  zipf: ZipfFlags,
  requests: number | undefined,
  format: string | undefined,
): TraceChoice {
  if (format !== undefined) throw new UsageError('--format needs a --trace to read.')
  return {
    kind: 'zipf',
    requests: requests ?? 200_000,
    keys: zipf.keys ?? 50_000,
    skew: zipf.skew ?? 0.9,
    seed: zipf.seed ?? 1,
  }
}
