import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** The statements of one part of the tier's file by their names: each is parsed once, when it is opened. */
export function prepareAll<Name extends string>(
  db: DatabaseSync,
  statements: Readonly<Record<Name, string>>,
): Readonly<Record<Name, StatementSync>> {
  const prepared = Object.entries<string>(statements).map(([name, sql]) => [name, db.prepare(sql)])
  return Object.fromEntries(prepared)
}
