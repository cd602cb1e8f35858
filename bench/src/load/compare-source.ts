/** Asks the database itself, past every instance. Called by the judge after the last pass. */

import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { SourceAddress } from './judge-questions.ts'
import { serialOfPrice } from './serial-price.ts'

/** The serial of the change that the source has, by product. */
export async function serialsOfSource(
  address: SourceAddress,
): Promise<ReadonlyMap<number, number>> {
  const rows = address.kind === 'sqlite' ? ofSqlite(address.path) : await ofPostgres(address.url)
  return new Map(rows.map(({ id, price }) => [Number(id), serialOfPrice(Number(price))]))
}

interface Row {
  /** Whole numbers of PostgreSQL come as text. */
  readonly id: number | string
  readonly price: number | string
}

const QUERY = 'SELECT id, "priceCents" AS price FROM products'

function ofSqlite(path: string): readonly Row[] {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database.prepare(QUERY).all() as unknown as Row[]
  } finally {
    database.close()
  }
}

async function ofPostgres(url: string): Promise<readonly Row[]> {
  const client = new pg.Client(url)
  await client.connect()
  try {
    return (await client.query<Row>(QUERY)).rows
  } finally {
    await client.end()
  }
}
