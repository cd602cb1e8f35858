/** Policies as the rest of the room reads them: checked, complete, in milliseconds. */

import { ConfigError } from '../contracts/errors.ts'
import type { HttpOverride, HttpPolicy } from './http-options.ts'
import { readDuration } from './read-duration.ts'

export interface ResolvedPolicy {
  readonly tags: HttpPolicy['tags'] | undefined
  readonly invalidates: HttpPolicy['invalidates'] | undefined
  readonly caching: 'on' | 'off'
  /** Whether a parameter of the query tells answers apart. */
  readonly counts: (name: string) => boolean
  /** In lower case. */
  readonly varyBy: readonly string[]
  readonly heuristics: { readonly share: number; readonly mostMs: number } | undefined
  readonly maxBytes: number
  readonly override: ResolvedOverride
}

export interface ResolvedOverride
  extends Omit<HttpOverride, 'freshFor' | 'staleWhileRevalidate' | 'staleIfError'> {
  readonly freshMs: number | undefined
  readonly staleWhileRevalidateMs: number | undefined
  readonly staleIfErrorMs: number | undefined
}

/** An answer is kept whole in memory while it is received. */
const BYTES_MAX = 64 * 1024 * 1024

/** Each word that a field may have; what is misspelt must not be taken for "not said". */
const WORDS: Readonly<Record<string, readonly unknown[]>> = {
  caching: ['on', 'off'],
  'override.authorization': ['shared'],
  'override.setCookie': ['removed'],
  'override.private': ['kept'],
  'override.noStore': ['kept'],
  'override.requestDirectives': ['ignored'],
  'override.sMaxage': ['may-go-stale'],
}

/** @throws ConfigError naming the field below `path` that cannot work. */
export function resolvePolicy(policy: HttpPolicy, path: string): ResolvedPolicy {
  const override: HttpOverride = policy.override ?? {}
  for (const [field, words] of Object.entries(WORDS)) {
    const [first = '', second] = field.split('.')
    const holder: object = second === undefined ? policy : override
    const value: unknown = Reflect.get(holder, second ?? first)
    if (value === undefined || words.includes(value)) continue
    refuse(`${path}${field}`, words.map((word) => `'${word}'`).join(' or '), value)
  }
  const { freshFor, staleWhileRevalidate, staleIfError, ...rest } = override
  const duration = (value: unknown, name: string): number | undefined =>
    value === undefined ? undefined : readDuration(value, `${path}${name}`)
  return {
    caching: policy.caching ?? 'on',
    counts: countedNames(policy.query ?? 'all', `${path}query`),
    varyBy: names(policy.varyBy ?? [], `${path}varyBy`).map((name) => name.toLowerCase()),
    tags: policy.tags,
    invalidates: policy.invalidates,
    heuristics: resolveHeuristics(policy.heuristics ?? 'off', path),
    maxBytes: checkBytes(policy.maxBytes ?? 1_048_576, `${path}maxBytes`),
    override: {
      ...rest,
      freshMs: duration(freshFor, 'override.freshFor'),
      staleWhileRevalidateMs: duration(staleWhileRevalidate, 'override.staleWhileRevalidate'),
      staleIfErrorMs: duration(staleIfError, 'override.staleIfError'),
    },
  }
}

function countedNames(
  query: NonNullable<HttpPolicy['query']>,
  field: string,
): (name: string) => boolean {
  if (query === 'all') return () => true
  if ('count' in query) {
    const fits = nameMatcher(names(query.count, `${field}.count`))
    return fits
  }
  if ('ignore' in query) {
    const fits = nameMatcher(names(query.ignore, `${field}.ignore`))
    return (name) => !fits(name)
  }
  return refuse(field, "'all', or an object with `count` or `ignore`", query)
}

function nameMatcher(list: readonly string[]): (name: string) => boolean {
  const whole = new Set(list.filter((name) => !name.endsWith('*')))
  const beginnings = list.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1))
  return (name) => whole.has(name) || beginnings.some((beginning) => name.startsWith(beginning))
}

function resolveHeuristics(
  given: NonNullable<HttpPolicy['heuristics']>,
  path: string,
): ResolvedPolicy['heuristics'] {
  if (given === 'off') return undefined
  const { share = 0.1, most = '1d' } = given
  if (!(share > 0 && share <= 1)) refuse(`${path}heuristics.share`, 'above 0 and at most 1', share)
  return { share, mostMs: readDuration(most, `${path}heuristics.most`) }
}

function checkBytes(value: unknown, field: string): number {
  const fits = Number.isInteger(value) && (value as number) >= 0 && (value as number) <= BYTES_MAX
  return fits ? (value as number) : refuse(field, `a whole number from 0 to ${BYTES_MAX}`, value)
}

function names(value: unknown, field: string): readonly string[] {
  const fits =
    Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')
  return fits ? value : refuse(field, 'a list of names', value)
}

function refuse(field: string, expected: string, actual: unknown): never {
  throw new ConfigError({ field, expected, actual })
}
