/**
 * Options from environment variables (H5): option `a.bC` is `TIERCEL_A_B_C`.
 *
 * `option-table.ts` is the whole list; `docs/environment.md` is made from it. What objects alone can
 * say (the shared tier itself, codecs, the logger) stays in code; a variable may turn it off.
 */

import type { CacheOptions } from '../contracts/cache.ts'
import { ConfigError } from '../contracts/errors.ts'
import { OPTION_TABLE, type OptionKind, type OptionRow } from './option-table.ts'

/** Those that the environment may say. */
export const ENVIRONMENT_OPTIONS: readonly OptionRow[] = OPTION_TABLE.filter(
  ({ inEnvironment = true }) => inEnvironment,
)

/** Of the program `tiercel`, which may run beside the service: no options of a cache. */
export const COMMAND_LINE_VARIABLES: readonly string[] = [
  'TIERCEL_ADMIN_URL',
  'TIERCEL_ADMIN_TOKEN',
]

/** Words with which an option, and whatever stands in its place, is turned off. */
const OFF_WORDS: readonly unknown[] = ['off', 'keep']

/** `memory.expiryScan` → `TIERCEL_MEMORY_EXPIRY_SCAN`. */
export function variableName(path: string): string {
  const words = path.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).replaceAll('.', '_')
  return `TIERCEL_${words.toUpperCase()}`
}

/**
 * The options with those of the environment laid over them; neither argument is changed.
 *
 * @example
 * ```ts
 * import { createCache, withEnvironment } from 'tiercel'
 *
 * await using cache = createCache(
 *   withEnvironment({ name: 'shop' }, { TIERCEL_MEMORY_ENTRIES: '500', TIERCEL_DEFAULTS_TTL: '10m' }),
 * )
 * ```
 *
 * @throws ConfigError naming the variable: for one that begins with `TIERCEL_` and is not on the
 * list, and for a text that cannot be read. Whether a number fits is checked by `createCache`.
 */
export function withEnvironment(
  options: CacheOptions,
  environment: Readonly<Record<string, string | undefined>>,
): CacheOptions {
  const known = new Map(ENVIRONMENT_OPTIONS.map((row) => [variableName(row.path), row]))
  const given = new Map<string, unknown>()
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith('TIERCEL_') || text === undefined || text === '') continue
    if (COMMAND_LINE_VARIABLES.includes(name)) continue
    const row = known.get(name)
    if (row === undefined) {
      throw new ConfigError({
        field: name,
        expected: 'an option of the cache; see docs/environment.md for the list',
        actual: text,
      })
    }
    given.set(row.path, parse(name, text, row.kinds))
  }
  let result: Record<string, unknown> = { ...options }
  // What stands in an object's place comes before what stands in the object, in whatever order they came.
  for (const path of [...given.keys()].sort()) {
    if (!isTurnedOff(path, given)) result = laid(result, path.split('.'), given.get(path))
  }
  // A tier that is turned off is a tier that is not given.
  if (given.has('shared')) delete result['shared']
  return result as unknown as CacheOptions
}

/** The environment turns off what the option is a part of. */
function isTurnedOff(path: string, given: ReadonlyMap<string, unknown>): boolean {
  const parts = path.split('.')
  return parts.some(
    (_, at) => at > 0 && OFF_WORDS.includes(given.get(parts.slice(0, at).join('.'))),
  )
}

function laid(
  options: Record<string, unknown>,
  [head = '', ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  if (rest.length === 0) return { ...options, [head]: value }
  return { ...options, [head]: laid(asObject(head, options[head]), rest, value) }
}

/** What a word or a number in an object's place says, as that object. */
function asObject(option: string, value: unknown): Record<string, unknown> {
  if (typeof value === 'object') return { ...value }
  if (option === 'compression' && typeof value === 'string' && value !== 'off') {
    return { algorithm: value }
  }
  return option === 'refreshAhead' && typeof value === 'number' ? { after: value } : {}
}

function parse(name: string, text: string, kinds: readonly OptionKind[]): unknown {
  for (const kind of kinds) {
    const value = read(text, kind)
    if (value !== undefined) return value
  }
  throw new ConfigError({ field: name, expected: kinds.map(wordsFor).join(', or '), actual: text })
}

/** `undefined`: it is not of that kind. */
function read(text: string, kind: OptionKind): unknown {
  switch (kind.is) {
    case 'word':
      return kind.words.includes(text) ? text : undefined
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
    case 'duration':
      if (!/^\d+(\.\d+)?(ms|s|m|h|d)?$/.test(text)) return undefined
      return /\d$/.test(text) ? Number(text) : text
    case 'text':
      return text
    case 'tags':
      return text.split(',')
    default:
      return kind satisfies never
  }
}

/** Also used to print the list. */
export function wordsFor(kind: OptionKind): string {
  switch (kind.is) {
    case 'word':
      return kind.words.map((word) => `'${word}'`).join(', ')
    case 'number':
      return 'a number in plain digits'
    case 'duration':
      return "a duration like '5m', or milliseconds"
    case 'text':
      return kind.said
    case 'tags':
      return 'tags, with commas between them'
    default:
      return kind satisfies never
  }
}
