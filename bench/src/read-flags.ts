/** Reads the flags of both commands; `parseArgs` knows what is a flag, this file what is a number. */

import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.ts'

export interface FlagSet {
  readonly text: (name: string) => string | undefined
  readonly given: (name: string) => boolean
  /** @throws UsageError unless the flag is absent or a whole number in the range. */
  readonly whole: (name: string, range: NumberRange) => number | undefined
  /** @throws UsageError unless the flag is absent or a number in the range. */
  readonly number: (name: string, range: NumberRange) => number | undefined
  readonly words: readonly string[]
}

export interface NumberRange {
  readonly min: number
  readonly max: number
}

/**
 * Reads `args` by the names of the flags that take a value and of those that do not.
 *
 * @throws UsageError for an unknown flag, a missing value or a word too many.
 */
export function readFlags(
  args: readonly string[],
  known: { readonly valued: readonly string[]; readonly bare: readonly string[] },
  wordsMax: number,
): FlagSet {
  const { values, positionals } = parse(args, known)
  if (positionals.length > wordsMax) {
    throw new UsageError(`Unexpected argument \`${positionals[wordsMax]}\`. Try --help.`)
  }
  const text = (name: string): string | undefined => {
    const value = values[name]
    return typeof value === 'string' ? value : undefined
  }
  const number = (name: string, range: NumberRange): number | undefined => {
    const value = text(name)
    return value === undefined ? undefined : inRange(name, value, range)
  }
  const whole = (name: string, range: NumberRange): number | undefined => {
    const value = number(name, range)
    if (value === undefined || Number.isInteger(value)) return value
    throw new UsageError(`Expected --${name} to be a whole number, got ${value}.`)
  }
  return { text, number, whole, given: (name) => values[name] === true, words: positionals }
}

function parse(
  args: readonly string[],
  known: { readonly valued: readonly string[]; readonly bare: readonly string[] },
): { values: Record<string, string | boolean | undefined>; positionals: string[] } {
  const options = Object.fromEntries([
    ...known.valued.map((name) => [name, { type: 'string' as const }]),
    ...known.bare.map((name) => [name, { type: 'boolean' as const }]),
  ])
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    return { values: values as Record<string, string | boolean | undefined>, positionals }
  } catch (error) {
    const [first] = (error instanceof Error ? error.message : String(error)).split('\n')
    throw new UsageError(`${first} Try --help.`, { cause: error })
  }
}

function inRange(name: string, text: string, { min, max }: NumberRange): number {
  const value = text.trim() === '' ? Number.NaN : Number(text.replaceAll('_', ''))
  if (value >= min && value <= max) return value
  throw new UsageError(`Expected --${name} to be a number from ${min} to ${max}, got \`${text}\`.`)
}
