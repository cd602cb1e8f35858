import { ConfigError } from '../contracts/errors.ts'

/**
 * A table or a column as SQL spells it, whatever characters it has.
 *
 * @throws ConfigError if it cannot be a name; `field` says which option gave it.
 */
export function quoteName(name: string, field: string): string {
  if (typeof name === 'string' && name !== '' && !name.includes('\0') && name.isWellFormed()) {
    return `"${name.replaceAll('"', '""')}"`
  }
  throw new ConfigError({ field, expected: 'the name of a table or a column', actual: name })
}
