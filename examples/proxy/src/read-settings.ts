/** What the environment and the command line may say about the proxy; `main.ts` reads it once. */

import { parseArgs } from 'node:util'

export interface ProxySettings {
  /** What the proxy stands in front of. */
  readonly origin: URL
  /** 0: any free port. */
  readonly port: number
  readonly host: string
  /** Of the Redis that several proxies share; absent: each has its own memory. */
  readonly redisUrl: string | undefined
}

export type Environment = Readonly<Record<string, string | undefined>>

/** `args` as after the name of the program. @throws Error that names what cannot be used. */
export function readSettings(environment: Environment, args: readonly string[]): ProxySettings {
  const text = { type: 'string' } as const
  const options = { origin: text, port: text, host: text, redis: text } as const
  const { values } = parseArgs({ args: [...args], options })
  const origin = URL.parse(values.origin ?? environment['ORIGIN'] ?? 'http://127.0.0.1:8000')
  if (origin?.protocol !== 'http:') {
    throw new Error('--origin (or ORIGIN) must be an address such as http://127.0.0.1:8000.')
  }
  const port = values.port ?? environment['PORT'] ?? '8080'
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Error(`--port (or PORT) must be a number from 0 to 65535, got ${port}.`)
  }
  const host = values.host ?? environment['HOST'] ?? '127.0.0.1'
  const redisUrl = values.redis ?? environment['REDIS_URL']
  return { origin, port: Number(port), host, redisUrl: redisUrl || undefined }
}
