/**
 * An error in the middle of a script leaves what was written (protocol 16). Each command that scripts call is taken
 * from one instance by the server, so that its scripts end wherever they come to it, while another instance has
 * all rights. Whatever was left half done: once the right is given back, both see what the source has, no
 * number was given twice, and what was acknowledged is kept.
 */

import { globSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type Cache, type Collection, createCache } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { KeyNames } from '../../src/redis/key-names.ts'
import { drivers } from '../servers/redis-drivers.ts'
import type { RedisServer } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'
import { until } from '../servers/until.ts'

const [{ single }] = drivers as readonly [(typeof drivers)[number]]
const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const KEYS = ['a', 'b', 'c'] as const
/** Cases at once: most of each is waiting. */
const AT_ONCE = 12
/** A shard that began anew is found with a beat; retries of what was missed are seconds apart. */
const PATIENCE_MS = 15_000

/** What scripts call and may fail in their middle: nothing that only looks at the server. */
function calledCommands(): readonly string[] {
  const root = fileURLToPath(new URL('../../src/redis/', import.meta.url))
  const called = globSync('**/*.ts', { cwd: root })
    .filter((file) => !file.includes('.test.'))
    .flatMap((file) => {
      const text = readFileSync(`${root}${file}`, 'utf8')
      return [...text.matchAll(/redis\.call\('([A-Z]+)'/g)].map(([, name = '']) => name)
    })
  return [...new Set(called)].filter((name) => name !== 'TIME').sort()
}

interface Scene {
  readonly rows: Map<string, number>
  /** May lose a right. */
  readonly half: Collection<string, number>
  readonly whole: Collection<string, number>
  readonly caches: readonly [Cache, Cache]
  /** Written behind by both; the first may lose a right. */
  readonly later: readonly [Collection<string, number>, Collection<string, number>]
  /** The last value of each key that was acknowledged. */
  readonly acknowledged: Map<string, number>
}

const BEAT_MS = 450
/** As long as a write behind waits, and longer: it is taken and settled, or is not. */
const DRAINED_MS = 400

/** The source has it before the cache is told, or by the cache. */
const OPERATIONS: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  delete: async ({ rows, half }) => {
    rows.set('a', 2)
    await half.delete('a')
  },
  deleteMany: async ({ rows, half }) => {
    for (const key of KEYS) rows.set(key, 2)
    await half.deleteMany([...KEYS])
  },
  expire: async ({ rows, half }) => {
    rows.set('a', 2)
    await half.expire('a')
  },
  invalidateTags: async ({ rows, caches: [one] }) => {
    for (const key of KEYS) rows.set(key, 2)
    await one.invalidateTags(['all'])
  },
  invalidatePattern: async ({ rows, half }) => {
    rows.set('b', 2)
    await half.invalidatePattern('b*')
  },
  clear: async ({ rows, half }) => {
    for (const key of KEYS) rows.set(key, 2)
    await half.clear()
  },
  put: async ({ half }) => {
    await half.put('a', 2)
  },
  remove: async ({ half }) => {
    await half.remove('a')
  },
  refresh: async ({ rows, half }) => {
    rows.set('a', 2)
    await half.refresh('a')
    await half.delete('a')
  },
  load: async ({ rows, half, whole }) => {
    rows.set('a', 2)
    await whole.delete('a')
    await half.get('a')
    rows.set('a', 3)
    await whole.delete('a')
    await half.get('a')
  },
  touch: async ({ rows, half, whole }) => {
    rows.set('a', 2)
    await Promise.all([half.touch('a', '5m'), whole.delete('a')])
  },
  'put behind': async ({ later, acknowledged }) => {
    for (let value = 1; value <= 6; value += 1) {
      for (const key of KEYS) {
        const writer = later[value % 2] ?? later[0]
        await writer.put(key, value).then(
          () => acknowledged.set(key, value),
          () => {},
        )
      }
      if (value % 2 === 0) await pause(DRAINED_MS / 2)
    }
    await pause(DRAINED_MS)
  },
}

async function setup(server: RedisServer, name: string) {
  const user = `user-${name}`
  await server.call('ACL', 'SETUSER', user, 'on', '>secret', '~*', '&*', '+@all')
  const rows = new Map<string, number>(KEYS.map((key) => [key, 1]))
  const clients = [
    single(server.port, { username: user, password: 'secret' }),
    single(server.port),
  ] as const
  const applied: (readonly [key: string, value: number])[] = []
  const open = (at: 0 | 1) => {
    const cache = createCache({
      ...{ name, instance: `instance ${at}`, logger: SILENT, sharedTimeout: '2s' },
      shared: redisTier(clients[at].client, { shards: 1 }),
      defaults: { ttl: '10m', memoryTtl: '10m', jitter: 0 },
    })
    const collection = cache.collection<string, number>('thing', {
      store: {
        fencing: 'unfenced',
        load: (key) => rows.get(key),
        apply: async (writes) =>
          writes.map((write) => {
            if (write.kind === 'remove') rows.delete(write.key)
            else rows.set(write.key, write.value)
            return { kind: 'applied' as const }
          }),
      },
      write: { create: 'through', put: 'through', remove: 'through' },
      tagsOf: () => ['all'],
    })
    const later = cache.collection<string, number>('later', {
      store: {
        fencing: 'unfenced',
        load: (key) => applied.findLast(([one]) => one === key)?.[1],
        apply: async (writes) =>
          writes.map((write) => {
            if (write.kind !== 'remove') applied.push([write.key, write.value])
            return { kind: 'applied' as const }
          }),
      },
      write: { put: 'behind' },
      behind: { delay: 50 },
    })
    return { cache, collection, later }
  }
  const [one, two] = [open(0), open(1)]
  let failures = 0
  one.cache.on('tier-failure', ({ operation }) => {
    if (operation !== 'follow') failures += 1
  })
  await Promise.all([one.cache.ready(), two.cache.ready()])
  const scene: Scene = {
    rows,
    half: one.collection,
    whole: two.collection,
    caches: [one.cache, two.cache],
    later: [one.later, two.later],
    acknowledged: new Map(),
  }
  for (const key of KEYS) {
    await scene.half.get(key)
    await scene.whole.get(key)
  }
  return {
    ...scene,
    hasFailed: () => failures > 0,
    deny: (command: string) => server.call('ACL', 'SETUSER', user, `-${command.toLowerCase()}`),
    allow: () => server.call('ACL', 'SETUSER', user, '+@all'),
    /** What is wrong with what has reached the source behind the cache; empty once it has all of it. */
    behind: (): string => {
      for (const key of KEYS) {
        const values = applied.flatMap(([one, value]) => (one === key ? value : []))
        const isBack = values.some((value, at) => value < (values[at - 1] ?? 0))
        if (isBack) return `${key} went back: ${values}`
        const last = scene.acknowledged.get(key) ?? 0
        if ((values.at(-1) ?? 0) < last) return `${key} has ${values.at(-1)} instead of ${last}`
      }
      return ''
    },
    /** No number stands anywhere that the sequence has not come to. */
    numbers: async () => {
      const { control, numbers } = new KeyNames({
        ...{ name, shards: 1, stream: undefined, cluster: false },
      }).of(0)
      // In this order: what is written between the two only raises the second.
      const most = await server.call('ZREVRANGE', numbers, 0, 0, 'WITHSCORES')
      const sequence = await server.call('HGET', control, 'n')
      return { sequence: Number(sequence), highest: Number((most as readonly string[])[1]) }
    },
    close: async () => {
      await Promise.all([one.cache.close(), two.cache.close()])
      for (const { end } of clients) end()
    },
  }
}

interface Played {
  /** A script did, or was not let in at all. */
  readonly hasFailed: boolean
  /** What the two disagree with the source about, in the end. */
  readonly wrong: readonly string[]
}

async function play(server: RedisServer, command: string, operation: string): Promise<Played> {
  const name = `half-${operation.replace(' ', '-')}-${command}`.toLowerCase()
  const scene = await setup(server, name)
  const { rows, half, whole, deny, allow, numbers, behind } = scene
  const seen = async (): Promise<readonly (number | undefined)[]> =>
    (await Promise.all(KEYS.flatMap((key) => [half.get(key), whole.get(key)]))).map(
      (value) => value ?? undefined,
    )
  const truth = () => KEYS.flatMap((key) => [rows.get(key), rows.get(key)])
  const agree = async (): Promise<boolean> => String(await seen()) === String(truth())
  const wrong: string[] = []
  const mustAgree = async (when: string): Promise<void> => {
    try {
      await until(`all agree ${when}`, agree, { withinMs: PATIENCE_MS })
    } catch {
      wrong.push(`${name} ${when}: ${await seen()} instead of ${truth()}`)
    }
  }
  const mustBeBelow = async (when: string): Promise<void> => {
    const { sequence, highest } = await numbers()
    if (!(highest > 0 && highest <= sequence))
      wrong.push(`${name} ${when}: ${highest} above ${sequence}`)
  }
  try {
    await deny(command)
    await OPERATIONS[operation]?.(scene).catch(() => {})
    await mustBeBelow('while it fails')
    // Whoever has all rights reads on, and its fills meet what was left.
    await whole.get('a')
    await pause(20)
    await allow()
    await mustAgree('afterwards')
    await mustBeBelow('afterwards')
    // Nothing that was left half done comes up with a later beat.
    await pause(BEAT_MS)
    await mustAgree('a beat later')
    await until('all is in the source', () => behind() === '', { withinMs: PATIENCE_MS }).catch(
      () => {},
    )
    if (behind() !== '') wrong.push(`${name}: ${behind()}`)
    // Numbers go on from where they were: a change by either reaches the other.
    rows.set('a', 8)
    await whole.delete('a')
    await mustAgree('after a change by the one')
    rows.set('b', 9)
    await half.delete('b')
    await mustAgree('after a change by the other')
    return { hasFailed: scene.hasFailed(), wrong }
  } finally {
    await scene.close()
  }
}

describe('scripts that fail in their middle', () => {
  test.each(Object.keys(OPERATIONS))(
    'leave nothing stale, whichever command of theirs fails: %s',
    { timeout: 300_000 },
    async (operation) => {
      await using server = await startRedis()
      const commands = [...calledCommands()]
      expect(commands.length).toBeGreaterThan(30)
      const played: Played[] = []
      const work = async (): Promise<void> => {
        for (let next = commands.pop(); next !== undefined; next = commands.pop()) {
          played.push(await play(server, next, operation))
        }
      }
      await Promise.all(Array.from({ length: AT_ONCE }, work))
      expect(played.flatMap(({ wrong }) => wrong)).toEqual([])
      expect(played.filter(({ hasFailed }) => hasFailed).length).toBeGreaterThanOrEqual(5)
    },
  )
})
