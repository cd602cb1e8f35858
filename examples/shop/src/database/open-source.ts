import { join } from 'node:path'
import { StartError } from '../process/start-error.ts'
import { openPostgresSource } from './postgres-source.ts'
import { seed } from './seed.ts'
import type { Source } from './source.ts'
import { openSqliteSource } from './sqlite-source.ts'

export interface SourceOptions {
  readonly dataDir: string
  /** Absent: the products are in `source.db` in the data folder. */
  readonly databaseUrl: string | undefined
  /** Of a new shop. */
  readonly products: number
  /** What each call takes longer, milliseconds: as if the database were far away. @default 0 */
  readonly delayMs?: number
}

/**
 * Opens the shop's system of record, and fills it if it is new.
 *
 * @throws StartError
 */
export async function openSource(options: SourceOptions): Promise<Source> {
  const { dataDir, databaseUrl, products, delayMs } = options
  if (databaseUrl !== undefined) {
    const source = openPostgresSource(databaseUrl, delayMs)
    const where = `in PostgreSQL at ${source.place.name}`
    return await filled(source, products, { where, cure: 'Look at DATABASE_URL and the server.' })
  }
  const path = join(dataDir, 'source.db')
  const failure = { where: `in ${path}`, cure: 'Delete the file to begin with fresh sample data.' }
  const source = await openSqliteSource(path, delayMs).catch((error) => refuse(error, failure))
  return await filled(source, products, failure)
}

interface Failure {
  readonly where: string
  readonly cure: string
}

async function filled(source: Source, products: number, failure: Failure): Promise<Source> {
  try {
    await seed(source, products)
    return source
  } catch (error) {
    await source.close()
    return refuse(error, failure)
  }
}

function refuse(error: unknown, { where, cure }: Failure): never {
  throw new StartError(`The products ${where} cannot be used. ${wordsOf(error)} ${cure}`, {
    cause: error,
  })
}

/** An address with several names fails with an error for each, and no words of its own. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return wordsOf(error.errors[0])
  const words = error instanceof Error ? error.message : String(error)
  return /[.!?]$/.test(words) ? words : `${words}.`
}
