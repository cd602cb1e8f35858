import { ConfigError } from '../contracts/errors.ts'

/** A name of SQL as an identifier. `field` names the option. @throws ConfigError if it cannot be one. */
export function quoteName(name: string, field: string): string {
  if (typeof name !== 'string' || name === '' || name.includes('\0') || !name.isWellFormed()) {
    throw new ConfigError({ field, expected: 'a name of the database', actual: name })
  }
  return `"${name.replaceAll('"', '""')}"`
}

/** With its schema, where there is one: `shop.products`. */
export function quoteTable(name: string, field: string): string {
  const parts = typeof name === 'string' ? name.split('.') : [name]
  return parts.map((part) => quoteName(part, field)).join('.')
}
