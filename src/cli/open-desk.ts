/** The desk of a shared tier that was named on the command line. */

import type { Desk } from '../desk/index.ts'
import type { GivenOptions } from './command.ts'
import { envelopeReaders } from './envelope-readers.ts'
import { UnreachableError } from './exit-code.ts'
import { redisOf, sqlitePathOf, tierOf } from './shared-tier-option.ts'

export interface OpenDesk {
  readonly name: string
  readonly kind: 'redis' | 'sqlite'
  /** Without user and password. */
  readonly where: string
  readonly desk: Desk
  /** That have entries, as far as was looked; empty: plain keys. */
  readonly collections: readonly string[]
  /** Whose writes wait for the source, or were given up, or did once. */
  readonly queued: readonly string[]
  /** `false`: there are more entries than were looked at. */
  readonly complete: boolean
  close(): Promise<void>
}

interface Asked {
  readonly name: string
  readonly timeoutMs: number
}

/**
 * Opens nothing where there is no cache of that name, since opening it would make one.
 *
 * @throws UsageError; UnreachableError; an error where there is no such cache
 */
export async function openDesk(given: GivenOptions, asked: Asked): Promise<OpenDesk> {
  const found = await lookAt(given, asked)
  const { tier, where, end } = await tierOf(given, found.shards)
  const parts = await sessionParts()
  const session = tier.open({
    name: asked.name,
    instance: 'tiercel',
    follow: 'poll',
    report: () => {},
    ...parts,
  })
  const close = async (): Promise<void> => {
    await session.close()
    end()
  }
  try {
    await until(session.ready, asked.timeoutMs, where)
  } catch (error) {
    await close()
    throw error
  }
  const [{ Desk }, readers] = await Promise.all([import('../desk/index.ts'), envelopeReaders()])
  return {
    name: asked.name,
    where,
    desk: new Desk({ session, ...readers }),
    ...found,
    close,
  }
}

export type SeenCache = Pick<OpenDesk, 'kind' | 'collections' | 'queued' | 'complete'> & {
  readonly shards?: number
}

/**
 * What stands there, looked at without a session.
 *
 * @throws UsageError; UnreachableError; an error where there is no such cache
 */
export async function lookAt(given: GivenOptions, { name, timeoutMs }: Asked): Promise<SeenCache> {
  const path = sqlitePathOf(given)
  if (path !== undefined) {
    const { examineSqlite } = await import('../sqlite/index.ts')
    const seen = examineSqlite(path)
    if (seen.state === 'unreadable') throw new UnreachableError(`${path}: ${seen.fault}`)
    if (seen.state === 'foreign') throw new Error(`${path} is no file of a cache.`)
    const line = seen.caches.find((one) => one.name === name)
    if (line === undefined) throw absent(name, path)
    const { collections, queues: queued } = line
    return { kind: 'sqlite', collections: Object.keys(collections), queued, complete: true }
  }
  const [{ redisClientOf }, { examineRedis }, parts] = await Promise.all([
    import('./redis-client-of.ts'),
    import('../redis/index.ts'),
    sessionParts(),
  ])
  const { client, where, end } = await redisClientOf(...redisOf(given))
  try {
    const seen = await examineRedis(client, { name, timeoutMs, ...parts })
    if (seen.state === 'away') throw new UnreachableError(seen.fault)
    if (seen.cache === undefined) throw absent(name, where)
    const { shards, collections, queues: queued, complete, several } = seen.cache
    if (several) {
      throw new Error('The cache is spread over several servers: use the admin API of an instance.')
    }
    return { kind: 'redis', shards, collections: Object.keys(collections), queued, complete }
  } finally {
    end()
  }
}

function absent(name: string, where: string): Error {
  return new Error(`There is no cache \`${name}\` at ${where}.`)
}

async function sessionParts() {
  const { SystemClock, SystemRandom } = await import('../memory/index.ts')
  return { clock: new SystemClock(), random: new SystemRandom() }
}

async function until(ready: Promise<void>, ms: number, where: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new UnreachableError(`${where} did not answer within ${ms} ms.`))
    }, ms)
  })
  try {
    await Promise.race([ready, late])
  } finally {
    clearTimeout(timer)
  }
}
