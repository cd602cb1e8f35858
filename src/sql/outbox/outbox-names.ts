/**
 * The names of an outbox, checked and quoted: the table of changes, the one of those who follow them,
 * and the one that says how far it has been pruned.
 */

import { ConfigError } from '../../contracts/errors.ts'
import { quoteName } from '../quote-name.ts'

/** PostgreSQL cuts longer ones off, and two of them might meet. */
const MAX_NAME_BYTES = 63
/** Room for what is appended to it. */
const MAX_OUTBOX_BYTES = MAX_NAME_BYTES - '_consumers'.length

export const DEFAULT_SCHEMA = 'public'
const DEFAULT_OUTBOX = 'tiercel_outbox'

export interface OutboxNames {
  /** All of these are quoted, with their schema. */
  readonly changes: string
  readonly consumers: string
  readonly pruning: string
  /** Of the schema alone. */
  readonly schema: string
  /** As it was given, without a schema: the name of the channel that hints come by. */
  readonly channel: string
}

/** `public.tiercel_outbox`, or without its schema. @throws ConfigError naming `outbox`. */
export function outboxNames(outbox: string = DEFAULT_OUTBOX): OutboxNames {
  const { schema = DEFAULT_SCHEMA, name } = schemaAndName(outbox, 'outbox')
  checkLength(name, 'outbox', MAX_OUTBOX_BYTES)
  const quoted = checkedName(schema, 'outbox')
  const table = (suffix: string): string => `${quoted}.${quoteName(name + suffix, 'outbox')}`
  return {
    changes: table(''),
    consumers: table('_consumers'),
    pruning: table('_pruning'),
    schema: quoted,
    channel: name,
  }
}

/** Two parts with a dot between, or one. @throws ConfigError */
export function schemaAndName(
  text: string,
  field: string,
): { readonly schema?: string; readonly name: string } {
  const parts = typeof text === 'string' ? text.split('.') : [text]
  const [first = '', second] = parts
  if (parts.length > 2) {
    throw new ConfigError({
      field,
      expected: 'a name, or a schema and a name with one dot between',
      actual: text,
    })
  }
  return second === undefined ? { name: first } : { schema: first, name: second }
}

/** Quoted. @throws ConfigError if PostgreSQL could not keep it whole. */
export function checkedName(name: string, field: string): string {
  const quoted = quoteName(name, field)
  checkLength(name, field, MAX_NAME_BYTES)
  return quoted
}

function checkLength(name: string, field: string, most: number): void {
  if (bytesOf(name) <= most) return
  throw new ConfigError({ field, expected: `a name of at most ${most} bytes`, actual: name })
}

function bytesOf(name: string): number {
  return new TextEncoder().encode(name).length
}

/** Text as a constant, whatever `standard_conforming_strings` says. */
export function quoteText(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted
}
