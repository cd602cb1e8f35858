/** The flags of `npm run load`. */

import { readFlags } from '../read-flags.ts'
import { UsageError } from '../usage-error.ts'

export interface LoadOptions {
  /** Processes of the shop, on each side. */
  readonly instances: number
  readonly mix: 'read' | 'write'
  /** Of a mix with writes: reads for each of them. `Infinity`: no writes but the judge's own. */
  readonly readsPerWrite: number
  /** What all instances of a side use: files of SQLite, or Redis and PostgreSQL. */
  readonly on: 'sqlite' | 'servers'
  /** What each call of the source takes longer. */
  readonly sourceDelayMs: number
  /** Of each pass. */
  readonly seconds: number
  /** Of each side, in turns. */
  readonly passes: number
  readonly connections: number
  readonly products: number
  readonly skew: number
  readonly seed: number
  readonly json: string | undefined
  readonly chart: string | undefined
  readonly markdown: string | undefined
}

const usage = `Usage: npm run load -- [--instances N] [--mix read|write] [flags]

The shop under load with its cache, and beside it the same shop without one, in turns.

  --instances N      processes of each shop, 1 to 16 (default 1)
  --mix read|write   products by Zipf's law: read alone, or read and changed (default read)
  --ratio R          with --mix write: reads for each write, 0 to 1000 (default 1)
  --on WHERE         sqlite: files; servers: a Redis and a PostgreSQL of their own
                     (default sqlite for one instance, servers for several)
  --source-delay MS  each call of the source takes so much longer, on one of 10 connections
                     (default 0: the source as it is)
  --seconds S        of each pass (default 3)
  --passes P         of each shop, in turns: off on, on off, off on … (default 8)
  --connections C    open at once, shared by the instances (default 50)
  --products N       in the shop (default 10000)
  --skew S           of Zipf's law, 0 is uniform (default 1)
  --seed N           another sequence of the same kind (default 1)
  --json FILE        the result for programs
  --chart FILE       the result as a picture (SVG)
  --markdown FILE    the result as a table
  --help             this text

Ends with 1 if anything was read staler than the cache promises, or an acknowledged change is missing
in the source.
`

const valued = [
  'instances',
  'mix',
  'ratio',
  'on',
  'source-delay',
  'seconds',
  'passes',
  'connections',
  'products',
  'skew',
  'seed',
  'json',
  'chart',
  'markdown',
] as const

/**
 * The usage text if `--help` asks for it.
 *
 * @throws UsageError for anything that is not in the usage text.
 */
export function loadOptions(args: readonly string[]): LoadOptions | { readonly help: string } {
  const flags = readFlags(args, { valued, bare: ['help'] }, 0)
  if (flags.given('help')) return { help: usage }
  const instances = flags.whole('instances', { min: 1, max: 16 }) ?? 1
  const mix = oneOf('mix', flags.text('mix') ?? 'read', ['read', 'write'])
  const ratio = flags.number('ratio', { min: 0, max: 1_000 })
  if (ratio !== undefined && mix === 'read') throw new UsageError('--ratio needs --mix write.')
  const where = flags.text('on') ?? (instances === 1 ? 'sqlite' : 'servers')
  const connections = flags.whole('connections', { min: 1, max: 1_000 }) ?? 50
  if (connections < instances) {
    throw new UsageError(`Expected --connections to be at least ${instances}, one an instance.`)
  }
  return {
    instances,
    mix,
    readsPerWrite: mix === 'read' ? Number.POSITIVE_INFINITY : (ratio ?? 1),
    on: oneOf('on', where, ['sqlite', 'servers']),
    sourceDelayMs: flags.whole('source-delay', { min: 0, max: 10_000 }) ?? 0,
    seconds: flags.whole('seconds', { min: 1, max: 100 }) ?? 3,
    passes: flags.whole('passes', { min: 1, max: 20 }) ?? 8,
    connections,
    products: flags.whole('products', { min: 100, max: 100_000 }) ?? 10_000,
    skew: flags.number('skew', { min: 0, max: 10 }) ?? 1,
    seed: flags.whole('seed', { min: 0, max: 2 ** 32 - 1 }) ?? 1,
    json: flags.text('json'),
    chart: flags.text('chart'),
    markdown: flags.text('markdown'),
  }
}

function oneOf<W extends string>(name: string, word: string, words: readonly W[]): W {
  const found = words.find((known) => known === word)
  if (found !== undefined) return found
  throw new UsageError(`Expected --${name} to be ${words.join(' or ')}, got \`${word}\`.`)
}
