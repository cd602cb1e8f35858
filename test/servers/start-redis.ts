/** One Redis server for a test. */

import { RedisServer, type RedisServerOptions } from './redis-server.ts'

/** Ready in some 20 ms. Ended by `await using`. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = new RedisServer(options)
  try {
    return await server.start()
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}
