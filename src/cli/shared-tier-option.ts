/** The shared tier that a command is to work on: a Redis by its URL, or an SQLite file. */

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import type { SharedTier } from '../index.ts'
import { redisTier } from '../redis/index.ts'
import { sqliteTier } from '../sqlite/index.ts'
import { UsageError } from './command.ts'

export const TIER_VALUES = ['redis', 'sqlite', 'shards'] as const

export const TIER_HELP = `  --redis <url>        the server, as \`redis://user:password@host:6379/0\`; uses the ioredis or redis (node-redis)
                       that is installed where the command is run; not for a cluster
  --sqlite <path>      or the file
  --shards <count>     as the cache's \`redisTier\` has it, if it has (default: 4)`

interface GivenTier {
  readonly tier: SharedTier
  /** Ends what was made for it. */
  end(): void
}

type Options = Readonly<Record<string, string | boolean | undefined>>

/** @throws UsageError */
export async function tierOf({ redis, sqlite, shards }: Options): Promise<GivenTier> {
  if ((redis === undefined) === (sqlite === undefined)) {
    throw new UsageError('One of --redis and --sqlite is needed')
  }
  if (typeof sqlite === 'string') {
    if (!existsSync(sqlite)) throw new UsageError(`There is no file ${sqlite}`)
    // Whatever bound the cache has: a look at its queue must not shrink the file to another one.
    return { tier: sqliteTier(sqlite, { maxBytes: Number.MAX_SAFE_INTEGER }), end: () => {} }
  }
  const count = shards === undefined ? {} : { shards: Number(shards) }
  const { client, end } = await clientOf(String(redis))
  return { tier: redisTier(client, count), end }
}

interface Made {
  readonly client: Parameters<typeof redisTier>[0] & object
  readonly end: () => void
}

/** Neither connects: the tier opens connections of its own after its example. */
async function clientOf(url: string): Promise<{ client: never; end: () => void }> {
  const require = createRequire(join(process.cwd(), 'package.json'))
  for (const [name, make] of Object.entries(MAKERS)) {
    const path = resolved(require, name)
    if (path === undefined) continue
    const made = make(await import(pathToFileURL(path).href), url)
    return { client: made.client as never, end: made.end }
  }
  throw new UsageError('Neither ioredis nor redis is installed here; run `npm install ioredis`')
}

function resolved(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name)
  } catch {
    return undefined
  }
}

type Module = Readonly<Record<string, unknown>>

const MAKERS: Readonly<Record<string, (module: Module, url: string) => Made>> = {
  ioredis(module, url) {
    const { Redis } = module as {
      Redis: new (url: string, options: object) => Made['client'] & { disconnect(): void }
    }
    const client = new Redis(url, { lazyConnect: true })
    return { client, end: () => client.disconnect() }
  },
  redis(module, url) {
    const { createClient } = module as {
      createClient: (options: object) => Made['client']
    }
    return { client: createClient({ url }), end: () => {} }
  },
}
