/** `tiercel sql outbox`: prints the SQL that has PostgreSQL note the changes of a table. */

import type { OutboxSqlOptions } from '../sql/index.ts'
import type { Command, CommandOption } from './command.ts'
import { JSON_OPTION } from './json-option.ts'

const OPTIONS: readonly CommandOption[] = [
  { name: 'table', value: '<name>', summary: 'the table: products, or shop.products' },
  {
    name: 'schema',
    value: '<name>',
    summary: "its schema; dots belong to the table's name then (default: public)",
  },
  { name: 'key', value: '<column>', summary: 'the column of the key (default: id)' },
  {
    name: 'collection',
    value: '<name>',
    summary: "the collection whose entries the rows are (default: the table's name)",
  },
  {
    name: 'outbox',
    value: '<name>',
    summary: 'the table to note changes in; one may serve many (default: public.tiercel_outbox)',
  },
  {
    name: 'notify',
    value: '<on|off>',
    summary: 'whether followers are called (default: on); off where transactions are prepared',
  },
]

export const sqlOutbox: Command = {
  name: 'sql outbox',
  summary: 'print SQL for triggers that note the changes of a table, for followOutbox',
  usage: '--table <name> [options]',
  about: `
Prints SQL for PostgreSQL 13 and later, in one transaction, which may be run again. It connects to nothing:
pipe it into psql, or keep it with your migrations. Run it as the owner of the table.`,
  options: [
    ...OPTIONS,
    { name: 'drop', summary: 'print what takes the triggers away again; the outbox stays' },
    JSON_OPTION,
  ],
  examples: ['npx tiercel sql outbox --table products | psql "$DATABASE_URL"'],
  async run(given, { out }) {
    given.required('table')
    const { dropOutboxSql, outboxSql } = await import('../sql/index.ts')
    const named = OPTIONS.map(({ name }) => [name, given.text(name)] as const)
    const options = Object.fromEntries(
      named.filter(([, value]) => value !== undefined),
    ) as unknown as OutboxSqlOptions
    const statements = given.flag('drop') ? dropOutboxSql(options) : outboxSql(options)
    const sql = `BEGIN;\n\n${statements}\nCOMMIT;\n`
    await out(given.flag('json') ? `${JSON.stringify({ sql })}\n` : sql)
  },
}
