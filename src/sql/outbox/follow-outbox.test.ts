import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outboxScene } from '../../../test/servers/outbox-scene.ts'
import { postgresDrivers } from '../../../test/servers/postgres-drivers.ts'
import type { PostgresServer } from '../../../test/servers/postgres-server.ts'
import { startPostgres } from '../../../test/servers/start-postgres.ts'
import { until } from '../../../test/servers/until.ts'
import { ClosedError, ConfigError } from '../../contracts/errors.ts'
import type { ExternalChangeReceipt } from '../../contracts/receipts.ts'
import type { PostgresLike } from '../postgres-like.ts'
import type { FollowOutboxOptions } from './follow-options.ts'
import { followOutbox } from './follow-outbox.ts'
import { machineClock } from './follower-platform.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server[Symbol.asyncDispose]())

/** So that nothing is found but by what the test has asked for. */
const QUIET = { pollMs: 60_000 }

/** The driver, with each statement as `edit` has it: a build in which one rule is left out. */
function rewriting(client: PostgresLike, edit: (text: string) => string): PostgresLike {
  const query = typeof client === 'function' ? client : client.query.bind(client)
  return (text, params) => query(edit(text), params)
}

/** Takes what has been committed for all that ever will be, up to the newest. */
const withoutTheRunning = (text: string): string =>
  text.replace(
    'now.snapshot::text',
    "concat_ws(':', pg_snapshot_xmax(now.snapshot), pg_snapshot_xmax(now.snapshot), '')",
  )
/** Keeps a cursor above transactions that are still under way. */
const withoutTheHorizon = (text: string): string =>
  text.includes('greatest(c.cursor')
    ? text.replace(
        '$2::text::xid8',
        'greatest($2, pg_snapshot_xmax(pg_current_snapshot())::text)::xid8',
      )
    : text

/** A random order that is the same each time. */
function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  let state = seed
  const drawn = items.map((item) => {
    state = (state * 48_271) % 2_147_483_647
    return [state, item] as const
  })
  return drawn.toSorted(([one], [other]) => one - other).map(([, item]) => item)
}

describe.each(postgresDrivers)('following an outbox, through $driver,', (driver) => {
  const setup = () => outboxScene(server, driver)

  test('begins with nothing known, and then tells what changes', async () => {
    await using scene = await setup()
    await scene.program.query(`INSERT INTO ${scene.table} VALUES (1)`)
    const { follower, told, events } = scene.follow(QUIET)
    await follower.ready
    expect(told).toEqual(['all'])
    await scene.program.query(`INSERT INTO ${scene.table} VALUES (2), (3)`)
    await scene.program.query(`UPDATE ${scene.table} SET name = 'x' WHERE id = 3`)
    await follower.poll()
    expect(told).toEqual(['all', 2, 3])
    await scene.program.query(`TRUNCATE ${scene.table}`)
    await follower.poll()
    expect(told.slice(3)).toEqual(['all'])
    expect(events).toEqual([
      { type: 'cleared', reason: 'unknown' },
      { type: 'followed' },
      { type: 'applied', rows: 3, keys: 2 },
      { type: 'applied', rows: 1, keys: 0 },
    ])
  })

  test('is told of a change at once, and without hints by the next look', async () => {
    await using scene = await setup()
    const hinted = scene.follow({ ...QUIET, listen: scene.listen })
    const looking = scene.follow({ pollMs: 50 })
    await Promise.all([hinted.follower.ready, looking.follower.ready])
    await until('it listens', async () => (await listeners(scene)).length === 1)
    await scene.program.query(`INSERT INTO ${scene.table} VALUES (7)`)
    await until('both know', () => hinted.told.includes(7) && looking.told.includes(7))
  })

  test('a long transaction elsewhere delays nothing, and nothing is told twice for it', async () => {
    await using scene = await setup()
    const { program, table } = scene
    const { follower, told } = scene.follow({ ...QUIET, consumer: 'one' })
    await follower.ready
    const long = await scene.connect()
    await long.query(`BEGIN; INSERT INTO ${table} VALUES (1)`)
    for (let id = 10; id < 15; id += 1) {
      await program.query(`INSERT INTO ${table} VALUES (${id})`)
      await follower.poll()
    }
    expect(told).toEqual(['all', 10, 11, 12, 13, 14])
    // Lower numbers than all that were told, and told all the same.
    await long.query('COMMIT')
    await follower.poll()
    await follower.poll()
    expect(told.slice(6)).toEqual([1])
  })

  test('whoever goes on where another stopped leaves out nothing that was under way', async () => {
    const missed: unknown[][] = []
    for (const edit of [(text: string) => text, withoutTheHorizon]) {
      await using scene = await setup()
      const { program, table } = scene
      const long = await scene.connect()
      const given = { ...QUIET, consumer: 'one' }
      const first = scene.follow(given, { client: rewriting(scene.client, edit) })
      await first.follower.ready
      await long.query(`BEGIN; INSERT INTO ${table} VALUES (1)`)
      await program.query(`INSERT INTO ${table} VALUES (2)`)
      await first.follower.poll()
      await first.follower.close()
      await long.query('COMMIT')
      const second = scene.follow(given)
      await second.follower.ready
      missed.push([1, 2].filter((id) => !second.told.includes(id)))
      expect(second.told).not.toContain('all')
    }
    // What stands above the long transaction is told again; the planted cursor has left it out.
    expect(missed).toEqual([[], [1, 2]])
  })

  test('of 20,000 changes in 50 transactions at a time, none is left out', async () => {
    await using scene = await setup()
    const { table } = scene
    const sound = scene.follow({ pollMs: 5 })
    const planted = scene.follow(
      { pollMs: 5 },
      { client: rewriting(scene.client, withoutTheRunning) },
    )
    /** Stops after each round, and begins where it stopped. */
    const given = { ...QUIET, consumer: 'one' }
    const first = scene.follow(given)
    await Promise.all([sound, planted, first].map(({ follower }) => follower.ready))
    await first.follower.close()
    const inParts = new Set<unknown>()

    const programs = await Promise.all(Array.from({ length: 50 }, () => scene.connect()))
    for (let round = 0; round < 8; round += 1) {
      const begun = programs.map(async (program, at) => {
        const from = (round * 50 + at) * 50
        await program.query('BEGIN')
        await program.query(`INSERT INTO ${table} SELECT generate_series(${from}, ${from + 49})`)
        return program
      })
      const part = scene.follow(given)
      for (const [at, program] of shuffled(await Promise.all(begun), round + 1).entries()) {
        await program.query('COMMIT')
        if (at % 5 === 0) await part.follower.poll()
      }
      await part.follower.poll()
      await part.follower.close()
      for (const key of part.told) inParts.add(key)
    }
    await sound.follower.poll()
    await planted.follower.poll()

    const left = (told: Iterable<unknown>): number => {
      const known = new Set(told)
      return Array.from({ length: 20_000 }, (_, id) => id).filter((id) => !known.has(id)).length
    }
    expect([left(sound.told), left(inParts)]).toEqual([0, 0])
    // Each once, and everything at the beginning.
    expect(sound.told).toHaveLength(20_001)
    expect(inParts).not.toContain('all')
    expect(left(planted.told)).toBeGreaterThan(0)
  }, 60_000)

  test('what all consumers have seen is deleted, after a while, and not before', async () => {
    await using scene = await setup()
    const { program, table, outbox } = scene
    // Its seconds are hundredths.
    const clock = {
      monotonic: () => performance.now() * 100,
      schedule: (ms: number, task: () => void, purpose?: 'awaited' | 'upkeep') =>
        machineClock.schedule(ms / 100, task, purpose),
    }
    const fast = { collections: { products: 'number' }, outbox, queryTimeoutMs: 2 ** 30 } as const
    const cache = { onExternalChange: async () => done }
    const ahead = { ...fast, consumer: 'ahead', keepMs: 400 }
    await using behind = followOutbox(scene.client, cache, { ...fast, consumer: 'behind' })
    await behind.ready
    await behind.close()
    await using follower = followOutbox(scene.client, cache, ahead, { clock })
    await follower.ready
    await program.query(`INSERT INTO ${table} SELECT generate_series(1, 5000)`)
    const pruned = async () =>
      BigInt((await program.query(`SELECT pruned FROM ${outbox}_pruning`)).rows[0].pruned)
    const before = await pruned()
    await until('pruning has begun', async () => (await pruned()) > before)
    expect(await scene.noted()).toHaveLength(5_000)
    await program.query(`DELETE FROM ${outbox}_consumers WHERE name = 'behind'`)
    await until('all are gone', async () => (await scene.noted()).length === 0)
  })

  test('whoever comes back after rows were deleted that he had not read begins anew', async () => {
    await using scene = await setup()
    const { program, table, outbox } = scene
    const given = { ...QUIET, consumer: 'away' }
    const away = scene.follow(given)
    await away.follower.ready
    await away.follower.close()
    const other = scene.follow(QUIET)
    await other.follower.ready
    await program.query(`INSERT INTO ${table} VALUES (1)`)
    await program.query(`UPDATE ${outbox}_pruning SET pruned = pg_current_xact_id()`)
    await program.query(`DELETE FROM ${outbox}`)

    const back = scene.follow(given)
    await back.follower.ready
    expect([back.told, back.events[0]]).toEqual([['all'], { type: 'cleared', reason: 'pruned' }])
    // One that was there all the time, but has not looked.
    await other.follower.poll()
    expect(other.told).toEqual(['all', 'all'])

    await back.follower.close()
    await program.query(`DELETE FROM ${outbox}_consumers`)
    const forgotten = scene.follow(given)
    await forgotten.follower.ready
    expect(forgotten.events[0]).toEqual({ type: 'cleared', reason: 'unknown' })
    await program.query(`INSERT INTO ${table} VALUES (2)`)
    await forgotten.follower.poll()
    expect(forgotten.told).toEqual(['all', 2])
  })

  test('a database that is older than it was is noticed', async () => {
    await using scene = await setup()
    const { program, table, outbox } = scene
    const given = { ...QUIET, consumer: 'one' }
    const first = scene.follow(given)
    await first.follower.ready
    await first.follower.close()
    // As after a dump was read into another server: numbers that it has yet to give out.
    await program.query(`UPDATE ${outbox}_consumers SET cursor = '99999999';
      UPDATE ${outbox}_pruning SET pruned = '99999999', next = '99999999';
      INSERT INTO ${outbox} (xid, collection, key) VALUES ('99999998', 'products', '1')`)
    const second = scene.follow(given)
    await second.follower.ready
    expect(second.events[0]).toEqual({ type: 'cleared', reason: 'restored' })
    await program.query(`INSERT INTO ${table} VALUES (2)`)
    await second.follower.poll()
    expect(second.told).toEqual(['all', 2])
    expect(await scene.noted()).toEqual(['products 2'])
  })

  test('a connection for hints that was cut is made again', async () => {
    await using scene = await setup()
    const { program, table } = scene
    const { follower, told } = scene.follow({ ...QUIET, listen: scene.listen })
    await follower.ready
    for (let id = 1; id <= 3; id += 1) {
      let pids: readonly number[] = []
      await until('it listens', async () => {
        pids = await listeners(scene)
        return pids.length === 1
      })
      await program.query(`INSERT INTO ${table} VALUES (${id})`)
      await until('it has heard', () => told.includes(id))
      await program.query('SELECT pg_terminate_backend($1)', [pids[0]])
      await until('it is cut', async () => !(await listeners(scene)).includes(pids[0] ?? 0))
      // Nobody hears of it until there is a connection again.
      await program.query(`INSERT INTO ${table} VALUES (${id + 10})`)
      await until('it knows all the same', () => told.includes(id + 10))
    }
  })

  test('a connection that says nothing is made anew, and nothing waits for it', async () => {
    await using scene = await setup()
    let connections = 0
    let ended = 0
    const unlisten = async (): Promise<void> => {
      ended += 1
    }
    const listen = {
      listen: async () => {
        connections += 1
        return { unlisten }
      },
    }
    const { follower, told, events } = scene.follow({ pollMs: 5, listen })
    await follower.ready
    for (let id = 1; connections < 3; id += 1) {
      await scene.program.query(`INSERT INTO ${scene.table} VALUES (${id})`)
      await until('it knows', () => told.includes(id))
    }
    expect(events).toContainEqual(expect.objectContaining({ type: 'failed', what: 'listen' }))
    await follower.close()
    expect(ended).toBe(connections)
  })

  test('begins anew after the server was killed, as numbers may be given out again', async () => {
    await using own = await startPostgres()
    await using scene = await outboxScene(own, driver)
    const { follower, told, events } = scene.follow({
      pollMs: 50,
      consumer: 'one',
      listen: scene.listen,
    })
    await follower.ready
    await own.kill9()
    await until('it has noticed', () =>
      follower.poll().then(
        () => false,
        () => true,
      ),
    )
    await own.start()
    // Not to wait for its next try.
    const begunAnew = async (): Promise<boolean> => {
      await follower.poll()
      return told.filter((key) => key === 'all').length === 2
    }
    await until('it has begun anew', begunAnew)
    const program = await scene.connect()
    await program.query(`INSERT INTO ${scene.table} VALUES (5)`)
    await until('it is followed again', () => told.includes(5))
    expect(told.filter((key) => key === 'all')).toHaveLength(2)
    expect(events.filter(({ type }) => type === 'cleared')).toEqual([
      { type: 'cleared', reason: 'unknown' },
      { type: 'cleared', reason: 'restored' },
    ])
  }, 60_000)

  test('tables that are not there are a mistake, and may come later', async () => {
    await using scene = await setup()
    const { program, schema, outbox } = scene
    await program.query(`ALTER TABLE ${outbox} RENAME TO elsewhere`)
    const { follower, events } = scene.follow({ pollMs: 20 })
    await expect(follower.ready).rejects.toThrow(ConfigError)
    await expect(follower.ready).rejects.toThrow('npx tiercel sql outbox')
    await program.query(`ALTER TABLE ${schema}.elsewhere RENAME TO changes`)
    await until('it is followed', () => events.some(({ type }) => type === 'followed'))
  })

  test('what the shared tier has not taken is told again', async () => {
    await using scene = await setup()
    const told: unknown[] = []
    let state: ExternalChangeReceipt['state'] = 'done'
    const cache = {
      onExternalChange: async (event: object) => {
        told.push('keys' in event ? event.keys : 'all')
        return { ...done, state }
      },
    }
    const { follower } = scene.follow(QUIET, { cache })
    await follower.ready
    state = 'pending'
    await scene.program.query(`INSERT INTO ${scene.table} VALUES (1)`)
    await expect(follower.poll()).rejects.toThrow('has not taken')
    state = 'done'
    await follower.poll()
    expect(told.at(-1)).toEqual([1])
    const times = told.length
    await follower.poll()
    expect(told).toHaveLength(times)
  })

  test('goes on although a listener throws', async () => {
    await using scene = await setup()
    const onEvent = (): void => {
      throw new Error('planted')
    }
    const { follower, told } = scene.follow({ ...QUIET, onEvent })
    await follower.ready
    await scene.program.query(`INSERT INTO ${scene.table} VALUES (1)`)
    await follower.poll()
    expect(told).toEqual(['all', 1])
  })

  test('ends with its cache, and by itself', async () => {
    await using scene = await setup()
    const cache = { onExternalChange: () => Promise.reject(new ClosedError('shop')) }
    const { follower } = scene.follow(QUIET, { cache })
    await expect(follower.ready).rejects.toThrow('closed')
    await follower.close()
    await expect(follower.poll()).rejects.toThrow('closed')
  })
})

const done: ExternalChangeReceipt = {
  state: 'done',
  version: '' as ExternalChangeReceipt['version'],
  unconfirmed: [],
  kind: 'keys',
  count: 1,
}

type Scene = Awaited<ReturnType<typeof outboxScene>>

/** Connections that wait for notifications. */
async function listeners({ program }: Scene): Promise<readonly number[]> {
  const { rows } = await program.query(
    "SELECT pid FROM pg_stat_activity WHERE query ILIKE 'listen %' AND pid <> pg_backend_pid()",
  )
  return rows.map(({ pid }) => Number(pid))
}

test('options that cannot work are refused, with their field', () => {
  const cache = { onExternalChange: () => Promise.resolve(done) }
  const collections = { products: 'number' } as const
  for (const [field, options] of [
    ['collections', {}],
    ['collections.a', { collections: { a: 'int' } }],
    ['consumer', { collections, consumer: '' }],
    ['listen', { collections, listen: {} }],
    ['pollMs', { collections, pollMs: 0 }],
    ['keepMs', { collections, keepMs: Number.NaN }],
    ['forgetAfterMs', { collections, forgetAfterMs: '1d' }],
    ['outbox', { collections, outbox: '' }],
  ] as const) {
    const follow = () =>
      followOutbox(() => Promise.resolve([]), cache, options as unknown as FollowOutboxOptions)
    expect(follow).toThrow(ConfigError)
    expect(follow).toThrow(`\`${field}\``)
  }
})
