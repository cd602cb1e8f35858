/**
 * The SQL that has PostgreSQL note every change of a table in an outbox, whoever makes it.
 *
 * Rows are noted by triggers, in the transaction of the change: they appear with it or not at all.
 * For each row and not for each statement, as only such triggers see what is written to a partition.
 */

import { ConfigError } from '../../contracts/errors.ts'
import { checkKnown, type Known } from '../../contracts/known-options.ts'
import {
  checkedName,
  DEFAULT_SCHEMA,
  type OutboxNames,
  outboxNames,
  quoteText,
  schemaAndName,
} from './outbox-names.ts'

export interface OutboxSqlOptions {
  /** With its schema or without: `shop.products`. Where `schema` is given, dots belong to the name. */
  readonly table: string
  /** @default public */
  readonly schema?: string | undefined
  /** The column of the key. @default id */
  readonly key?: string | undefined
  /** The collection whose entries the rows are. @default the table's name */
  readonly collection?: string | undefined
  /** The table that changes are noted in; one may serve many tables. @default tiercel_outbox */
  readonly outbox?: string | undefined
  /**
   * `off`: nobody is called when something changes, so followers learn of it by their next look. For
   * transactions that are prepared (`PREPARE TRANSACTION` refuses those that notify), and where many
   * sessions commit at once, since PostgreSQL lets those that notify commit one after the other only.
   * @default on
   */
  readonly notify?: 'on' | 'off' | undefined
}

interface Noted {
  readonly names: OutboxNames
  readonly table: string
  /** Quoted. */
  readonly key: string
  readonly collection: string
  readonly notify: boolean
  /** What tells this table's function and triggers from others. */
  readonly mark: string
}

/** As a cache allows them. */
const COLLECTION = /^[A-Za-z0-9._-]{1,64}$/

/**
 * May be run again, also with other options. Needs PostgreSQL 13 and the rights of the table's owner.
 *
 * @throws ConfigError naming the option that cannot work.
 */
export function outboxSql(options: OutboxSqlOptions): string {
  const noted = resolve(options)
  const { table, names } = noted
  const triggers = [
    trigger(noted, 'insert', 'INSERT', 'FOR EACH ROW'),
    // Compared as bytes: not every type knows what is equal, and some call equal what is not.
    trigger(noted, 'update', 'UPDATE', 'FOR EACH ROW WHEN (OLD.* *<> NEW.*)'),
    trigger(noted, 'delete', 'DELETE', 'FOR EACH ROW'),
    trigger(noted, 'truncate', 'TRUNCATE', 'FOR EACH STATEMENT'),
  ]
  return [
    tables(names),
    functionOf(noted),
    `REVOKE ALL ON FUNCTION ${functionName(noted)}() FROM PUBLIC;`,
    ...triggers.map((create, at) => `${dropTrigger(noted, EVENTS[at] ?? '')}\n${create}`),
    `COMMENT ON TABLE ${names.changes} IS 'Changes that caches have yet to hear of';`,
    `COMMENT ON FUNCTION ${functionName(noted)}() IS ${quoteText(`Notes changes of ${table}`)};`,
    '',
  ].join('\n\n')
}

/** Takes the triggers of one table away; the outbox stays, as other tables may use it. */
export function dropOutboxSql(options: OutboxSqlOptions): string {
  const noted = resolve(options)
  return [
    ...EVENTS.map((event) => dropTrigger(noted, event)),
    `DROP FUNCTION IF EXISTS ${functionName(noted)}();`,
    '',
  ].join('\n')
}

const EVENTS = ['insert', 'update', 'delete', 'truncate'] as const

const OPTIONS: Known<OutboxSqlOptions> = {
  table: true,
  schema: true,
  key: true,
  collection: true,
  outbox: true,
  notify: true,
}

function resolve(options: OutboxSqlOptions): Noted {
  checkKnown(options, OPTIONS)
  const named =
    options.schema === undefined
      ? schemaAndName(options.table, 'table')
      : { schema: options.schema, name: options.table }
  const { schema = DEFAULT_SCHEMA, name } = named
  const table = `${checkedName(schema, 'schema')}.${checkedName(name, 'table')}`
  const key = checkedName(options.key ?? 'id', 'key')
  const collection = options.collection ?? name
  if (typeof collection !== 'string' || !COLLECTION.test(collection)) {
    throw new ConfigError({
      field: 'collection',
      expected: 'a name of 1 to 64 letters, digits, `.`, `_` and `-`',
      actual: collection,
      cure: 'It is the table unless you give another.',
    })
  }
  const { notify = 'on' } = options
  if (notify !== 'on' && notify !== 'off') {
    throw new ConfigError({ field: 'notify', expected: "'on' or 'off'", actual: notify })
  }
  const names = outboxNames(options.outbox)
  const mark = shortMark([names.changes, table, collection].join('\n'))
  return { names, table, key, collection, notify: notify === 'on', mark }
}

/** By transaction first: what was committed late stands above what followers have seen to the end. */
function tables({ changes, consumers, pruning }: OutboxNames): string {
  return `CREATE TABLE IF NOT EXISTS ${changes} (
  id bigint GENERATED ALWAYS AS IDENTITY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  collection text NOT NULL,
  key text,
  PRIMARY KEY (xid, id)
);

CREATE TABLE IF NOT EXISTS ${consumers} (
  name text PRIMARY KEY,
  cursor xid8 NOT NULL,
  seen_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS ${pruning} (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  pruned xid8 NOT NULL DEFAULT '0',
  next xid8 NOT NULL DEFAULT '0',
  next_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO ${pruning} DEFAULT VALUES ON CONFLICT DO NOTHING;`
}

/** With the rights of its owner, so that other programs need none on the outbox. */
function functionOf(noted: Noted): string {
  const { names, key, collection, notify } = noted
  const into = `INSERT INTO ${names.changes} (collection, key)`
  const note = (row: 'OLD' | 'NEW'): string =>
    `${into} SELECT ${quoteText(collection)}, ${row}.${key}::text WHERE ${row}.${key} IS NOT NULL;`
  const body = `
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    ${into} VALUES (${quoteText(collection)}, NULL);
  ELSIF TG_OP = 'INSERT' THEN
    ${note('NEW')}
  ELSE
    ${note('OLD')}
    IF TG_OP = 'UPDATE' AND OLD.${key}::text IS DISTINCT FROM NEW.${key}::text THEN
      ${note('NEW')}
    END IF;
  END IF;${notify ? `\n  PERFORM pg_notify(${quoteText(names.channel)}, '');` : ''}
  RETURN NULL;
END
`
  const tag = tagFor(body)
  return `CREATE OR REPLACE FUNCTION ${functionName(noted)}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS ${tag}${body}${tag};`
}

/** A name in the body may hold whatever would end it. */
function tagFor(body: string): string {
  for (let at = 0; ; at += 1) {
    const tag = `$tiercel${at === 0 ? '' : at}$`
    if (!body.includes(tag)) return tag
  }
}

function trigger(
  noted: Noted,
  event: (typeof EVENTS)[number],
  operation: string,
  when: string,
): string {
  return `CREATE TRIGGER ${triggerName(noted, event)} AFTER ${operation} ON ${noted.table}
  ${when} EXECUTE FUNCTION ${functionName(noted)}();`
}

function dropTrigger(noted: Noted, event: string): string {
  return `DROP TRIGGER IF EXISTS ${triggerName(noted, event)} ON ${noted.table};`
}

function functionName({ names, mark }: Noted): string {
  return `${names.schema}."tiercel_note_${mark}"`
}

function triggerName({ mark }: Noted, event: string): string {
  return `"tiercel_${event}_${mark}"`
}

/** FNV-1a in 64 bits. Short, and the same for the same names. */
function shortMark(text: string): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  }
  return hash.toString(36)
}
