/** The flags of `npm run bench`. */

import { readFlags } from './read-flags.ts'
import { type SuiteName, suiteNames } from './suites/suite-names.ts'
import { UsageError } from './usage-error.ts'

export interface BenchOptions {
  readonly suites: readonly SuiteName[]
  readonly quick: boolean
  /** With `invalidation`: also over resets of connections. */
  readonly resets: boolean
  readonly json: string | undefined
  readonly markdown: string | undefined
  /** Write the tables of `docs/benchmarks.md` anew. */
  readonly page: boolean
}

const usage = `Usage: npm run bench -- SUITE [--quick] [--resets] [--json FILE] [--markdown FILE] [--page]

Measures the library, its limit and its peers beside each other, in one run.

  SUITE            hit: a hit in this process, through the whole cache
                   l1: the in-process tier by itself, 100,000 and 1,000,000 keys
                   shared: hits and misses of the shared tier on Redis
                   batch: a thousand keys at once
                   invalidation: delay and rate of invalidations between processes
                   stampede: many callers in several processes for one missing key
                   write: writes behind the cache, acknowledged and drained
                   fresh: a working set kept warm over a slow source, in four processes
                   all: every suite, with --page
                   All but the first two start a redis-server of their own, and write a PostgreSQL.
  --quick          shorter passes, one process each, no million keys
  --resets         with invalidation: half a minute of it for each subject, over five resets of
                   connections; fails if a key is served older than its last invalidation
  --json FILE      the result for programs
  --markdown FILE  the result as a table, with the rows we lose marked
  --page           writes the tables of docs/benchmarks.md anew, those of the suites that were run; what is
                   said of them there is to be read again
  --help           this text
`

/**
 * The usage text if `--help` asks for it.
 *
 * @throws UsageError for anything that is not in the usage text.
 */
export function benchOptions(args: readonly string[]): BenchOptions | { readonly help: string } {
  const flags = readFlags(
    args,
    { valued: ['json', 'markdown'], bare: ['quick', 'resets', 'page', 'help'] },
    1,
  )
  if (flags.given('help')) return { help: usage }
  const [word] = flags.words
  const suites = word === 'all' ? suiteNames : suiteNames.filter((name) => name === word)
  if (suites.length === 0) {
    const asked = word === undefined ? 'none' : `\`${word}\``
    throw new UsageError(`Expected a suite (${suiteNames.join(', ')} or all), got ${asked}.`)
  }
  const resets = flags.given('resets')
  if (resets && !suites.includes('invalidation')) {
    throw new UsageError('Expected --resets to come with the suite invalidation, or with all.')
  }
  return {
    suites,
    resets,
    quick: flags.given('quick'),
    json: flags.text('json'),
    markdown: flags.text('markdown'),
    page: flags.given('page') || word === 'all',
  }
}
