/**
 * Checks of what users pass in. Each names the field, says what was expected and shows what came.
 *
 * Options of a cache or a collection fail as `ConfigError`, arguments of a call as `ArgumentError`;
 * the caller says which by passing `refuse`.
 */

import { ArgumentError, ConfigError } from '../contracts/errors.ts'
import type { Duration } from '../contracts/options.ts'
import { isTag, MOST_TAG_LENGTH } from '../keys/tag.ts'

export interface Refusal {
  readonly field: string
  readonly expected: string
  readonly actual: unknown
  readonly cure?: string
}

/** Makes the error that fits the place where the value came from. */
export type Refuse = (problem: Refusal) => Error

export const refuseOption: Refuse = (problem) => new ConfigError(problem)
export const refuseArgument: Refuse = (problem) => new ArgumentError(problem)

/** 100 years. Far from where milliseconds since the epoch lose whole numbers. */
const MAX_DURATION_MS = 36_525 * 86_400_000

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/

export interface DurationCheck {
  readonly field: string
  readonly refuse: Refuse
  /** @default 'positive' */
  readonly allow?: 'positive' | 'zero'
  readonly cure?: string
}

/** Milliseconds of a duration, rounded up to a whole one: Redis refuses fractions. */
export function durationMs(value: Duration, check: DurationCheck): number {
  const ms = typeof value === 'number' ? value : parseDuration(value)
  const least = check.allow === 'zero' ? 0 : Number.MIN_VALUE
  if (ms === undefined || !(ms >= least && ms <= MAX_DURATION_MS)) {
    const from = check.allow === 'zero' ? 'from 0' : 'above 0'
    throw check.refuse({
      field: check.field,
      expected: `a duration ${from} and at most 36525d, as milliseconds or like '5m'`,
      actual: value,
      ...(check.cure === undefined ? {} : { cure: check.cure }),
    })
  }
  return Math.ceil(ms)
}

function parseDuration(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined
  const match = DURATION.exec(text)
  if (match === null) return undefined
  const unit = UNITS[match[2] ?? '']
  return unit === undefined ? undefined : Number(match[1]) * unit
}

export interface NumberCheck {
  readonly field: string
  readonly refuse: Refuse
  readonly least: number
  readonly most: number
  readonly whole?: boolean
}

/** The number itself, if it lies within the bounds. */
export function checkNumber(value: number, check: NumberCheck): number {
  const fits =
    typeof value === 'number' &&
    value >= check.least &&
    value <= check.most &&
    (check.whole !== true || Number.isInteger(value))
  if (!fits) {
    throw check.refuse({
      field: check.field,
      expected: `${check.whole === true ? 'a whole number' : 'a number'} from ${check.least} to ${check.most}`,
      actual: value,
    })
  }
  return value
}

/** The word itself, if it is one of `words`. */
export function checkWord<W extends string>(
  value: W,
  words: readonly W[],
  check: { readonly field: string; readonly refuse: Refuse },
): W {
  if (!words.includes(value)) {
    throw check.refuse({
      field: check.field,
      expected: `one of ${words.map((word) => `'${word}'`).join(', ')}`,
      actual: value,
    })
  }
  return value
}

const MAX_TAGS = 64

/**
 * The tags without repeats, each a non-empty piece of well-formed text. `most`: how many there may
 * be; those of an entry are checked at each read of it, so they are few.
 */
export function checkTags(
  tags: readonly string[],
  check: { readonly field: string; readonly refuse: Refuse; readonly most?: number },
): readonly string[] {
  const most = check.most ?? MAX_TAGS
  if (!Array.isArray(tags) || tags.length > most) {
    throw check.refuse({
      field: check.field,
      expected: `an array of at most ${most} tags`,
      actual: tags,
    })
  }
  for (const [index, tag] of tags.entries()) {
    if (!isTag(tag)) {
      throw check.refuse({
        field: `${check.field}[${index}]`,
        expected: `well-formed text of 1 to ${MOST_TAG_LENGTH} characters`,
        actual: tag,
      })
    }
  }
  return tags.length < 2 ? [...tags] : [...new Set(tags)]
}

/** @throws ArgumentError for what is no list, such as one key alone: a text would be taken letter by letter. */
export function checkMany<T extends Iterable<unknown>>(items: T, field: 'keys' | 'entries'): T {
  const given: unknown = items
  if (typeof given === 'object' && given !== null && Symbol.iterator in given) return items
  throw refuseArgument({
    field,
    expected: 'an array, a set or the like',
    actual: items,
    ...(typeof given === 'string' ? { cure: 'Put a single key into an array.' } : {}),
  })
}
