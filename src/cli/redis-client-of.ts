/** A client of the Redis that was typed, of whichever driver is installed where the command is run. */

import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import type { RedisClientLike } from '../redis/index.ts'
import { UsageError } from './exit-code.ts'

export interface MadeClient {
  readonly client: RedisClientLike
  /** Without user and password. */
  readonly where: string
  /** Ends what was made for it. */
  end(): void
}

/** Does not connect: what uses it opens connections of its own after its example. @throws UsageError */
export async function redisClientOf(url: string, kind: 'single' | 'cluster'): Promise<MadeClient> {
  const where = shownUrl(url)
  const require = createRequire(join(process.cwd(), 'package.json'))
  for (const [name, makers] of Object.entries(MAKERS)) {
    const path = resolved(require, name)
    if (path === undefined) continue
    return { ...makers[kind](await import(pathToFileURL(path).href), url), where }
  }
  throw new UsageError('Neither ioredis nor redis is installed here; run `npm install ioredis`')
}

/** What cannot be read as a URL is not repeated: it may hold a password. */
function shownUrl(text: string): string {
  const url = URL.parse(text)
  if (url === null || !['redis:', 'rediss:'].includes(url.protocol) || url.hostname === '') {
    throw new UsageError('Option --redis is a URL like redis://user:password@host:6379/0')
  }
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}

type Module = Readonly<Record<string, unknown>>
type Maker = (module: Module, url: string) => Pick<MadeClient, 'client' | 'end'>

/** Of one server, and of a cluster that it is a node of. */
const MAKERS: Readonly<Record<string, { readonly single: Maker; readonly cluster: Maker }>> = {
  ioredis: {
    single(module, url) {
      const { Redis } = module as {
        Redis: new (url: string, options: object) => Closable
      }
      const client = new Redis(url, { lazyConnect: true })
      return { client, end: () => client.disconnect() }
    },
    cluster(module, url) {
      const { Cluster } = module as {
        Cluster: new (nodes: readonly object[], options: object) => Closable
      }
      const { hostname: host, port, username, password, protocol } = new URL(url)
      const redisOptions = {
        ...(username === '' ? {} : { username: decodeURIComponent(username) }),
        ...(password === '' ? {} : { password: decodeURIComponent(password) }),
        ...(protocol === 'rediss:' ? { tls: {} } : {}),
      }
      const nodes = [{ host, port: Number(port || 6379) }]
      const client = new Cluster(nodes, { lazyConnect: true, redisOptions })
      return { client, end: () => client.disconnect() }
    },
  },
  redis: {
    single(module, url) {
      const { createClient } = module as { createClient: (options: object) => RedisClientLike }
      return { client: createClient({ url }), end: () => {} }
    },
    cluster(module, url) {
      const { createCluster } = module as { createCluster: (options: object) => RedisClientLike }
      const { username, password } = new URL(url)
      const defaults = {
        ...(username === '' ? {} : { username: decodeURIComponent(username) }),
        ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      }
      return { client: createCluster({ rootNodes: [{ url }], defaults }), end: () => {} }
    },
  },
}

type Closable = RedisClientLike & { disconnect(): void }
