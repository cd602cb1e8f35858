/** The system of record of a measurement: a number for each key, which only grows. In Redis, apart. */

import { Redis } from 'ioredis'

export class Truth {
  readonly #client: Redis

  constructor(port: number) {
    this.#client = new Redis({ port, connectionName: 'bench-truth' })
  }

  async write(keys: readonly string[], version: number): Promise<void> {
    await this.#client.mset(keys.flatMap((key) => [`truth:${key}`, version]))
  }

  async read(keys: readonly string[]): Promise<readonly number[]> {
    return (await this.#client.mget(keys.map((key) => `truth:${key}`))).map(Number)
  }

  close(): void {
    this.#client.disconnect()
  }
}
