/**
 * Which options there are. One that is misspelt, or stands where it means nothing, is refused: left out
 * without a word it would be found in an incident.
 */

import { ConfigError, type FieldProblem } from './errors.ts'

/** Every option by its name; the compiler sees to it that none is forgotten. */
export type Known<O> = Readonly<Record<keyof O, true>>

export interface KnownCheck {
  /** What the options are called where they are none at all: `options`, unless it is said. */
  readonly name?: string
  /** Stands before the name of an option. */
  readonly path?: string
  /** Makes the error: a ConfigError, unless it is said. */
  readonly refuse?: (problem: FieldProblem) => Error
  /** What to do where they are no object. */
  readonly cure?: string | undefined
}

/** @throws what `refuse` makes, for what is no object, and for the first option that is not known. */
export function checkKnown(
  options: unknown,
  known: Readonly<Record<string, true>>,
  check: KnownCheck = {},
): void {
  const { name = 'options', path = '', cure } = check
  const { refuse = (problem: FieldProblem) => new ConfigError(problem) } = check
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const problem = { field: name, expected: 'an object', actual: options }
    throw refuse(cure === undefined ? problem : { ...problem, cure })
  }
  for (const field of Object.keys(options)) {
    if (Object.hasOwn(known, field)) continue
    throw refuse({
      field: path + field,
      expected: `one of ${Object.keys(known).join(', ')}`,
      actual: (options as Readonly<Record<string, unknown>>)[field],
      cure: 'There is no such option here.',
    })
  }
}
