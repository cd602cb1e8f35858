import { join } from 'node:path'
import { openSqlite, type SqliteDatabase } from 'tiercel/sqlite'
import { seed } from './seed.ts'
import { StartError } from './start-error.ts'

/**
 * Opens `source.db`, the shop's system of record, and fills it if it is new.
 *
 * @throws StartError
 */
export async function openSource(dataDir: string, products: number): Promise<SqliteDatabase> {
  const path = join(dataDir, 'source.db')
  const source = openSqlite(path)
  try {
    await source.ready()
    await check(source)
    await seed(source, products)
    return source
  } catch (error) {
    await source.close()
    const why = error instanceof Error ? error.message : String(error)
    throw new StartError(
      `The products in ${path} cannot be used. ${why} Delete the file to begin with fresh sample data.`,
      { cause: error },
    )
  }
}

/** A file that was cut off or overwritten opens without complaint; its pages tell. */
async function check(source: SqliteDatabase): Promise<void> {
  const [row] = await source.all<{ quick_check: string }>('PRAGMA quick_check(1)')
  if (row?.quick_check !== 'ok') throw new Error(`The file is damaged (${row?.quick_check}).`)
}
