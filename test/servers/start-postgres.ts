/** One PostgreSQL server for a test. */

import { type PostgresOptions, PostgresServer } from './postgres-server.ts'

/** Ready in under a second. Ended by `await using`. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const server = new PostgresServer(options)
  try {
    return await server.start()
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}
