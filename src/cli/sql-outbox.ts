/** `tiercel sql outbox`: prints the SQL that has PostgreSQL note the changes of a table. */

import { dropOutboxSql, type OutboxSqlOptions, outboxSql } from '../sql/index.ts'
import { type Command, UsageError } from './command.ts'
import { parseOptions } from './parse-options.ts'

const VALUES = ['table', 'schema', 'key', 'collection', 'outbox', 'notify']

export const sqlOutbox: Command = {
  name: 'sql outbox',
  summary: 'print SQL for triggers that note the changes of a table, for followOutbox',
  help: `Usage: tiercel sql outbox --table <name> [options]

Prints SQL for PostgreSQL 13 and later, in one transaction, which may be run again. It connects to nothing:
pipe it into psql, or keep it with your migrations. Run it as the owner of the table.

  --table <name>       the table: products, or shop.products
  --schema <name>      its schema; dots belong to the table's name then (default: public)
  --key <column>       the column of the key (default: id)
  --collection <name>  the collection whose entries the rows are (default: the table's name)
  --outbox <name>      the table to note changes in; one may serve many (default: public.tiercel_outbox)
  --notify <on|off>    whether followers are called (default: on); off where transactions are prepared
  --drop               print what takes the triggers away again; the outbox stays
  --help               print this

  npx tiercel sql outbox --table products | psql "$DATABASE_URL"
`,
  run(args, { out }) {
    const { drop, ...given } = parseOptions(args, { values: VALUES, flags: ['drop'] })
    if (given['table'] === undefined) throw new UsageError('Option --table is missing')
    const options = given as unknown as OutboxSqlOptions
    const sql = drop === true ? dropOutboxSql(options) : outboxSql(options)
    return out(`BEGIN;\n\n${sql}\nCOMMIT;\n`)
  },
}
