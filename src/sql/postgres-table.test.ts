import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postgresDrivers } from '../../test/servers/postgres-drivers.ts'
import type { PostgresServer } from '../../test/servers/postgres-server.ts'
import { startPostgres } from '../../test/servers/start-postgres.ts'
import { until } from '../../test/servers/until.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { CacheKey, Store, StoreOutcome } from '../contracts/source.ts'
import { postgresTable } from './postgres-table.ts'

const { signal } = new AbortController()
let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server[Symbol.asyncDispose]())

interface Product {
  name?: string | undefined
  price?: number
  labels?: readonly string[]
  details?: unknown
  photo?: Uint8Array
  seen?: string
  code?: string
}

let schemas = 0

function rowsOf(answer: unknown): readonly unknown[] {
  return Array.isArray(answer) ? answer : (answer as { rows: readonly unknown[] }).rows
}

describe.each(postgresDrivers)('a table of PostgreSQL, through $driver,', ({ open }) => {
  /** A table with a name and a column that need quoting, and columns that the database fills. */
  async function setup(versions?: string, revision?: 'xmin') {
    const { client, end } = open(server.url)
    const ask = typeof client === 'function' ? client : client.query.bind(client)
    schemas += 1
    const schema = `s${schemas}`
    await ask(`CREATE SCHEMA ${schema}`, [])
    await ask(
      `CREATE TABLE ${schema}."odd ""name""" ("the id" int8 PRIMARY KEY, name text,
        price numeric(10, 2) NOT NULL DEFAULT 0 CHECK (price >= 0), labels text[], details jsonb,
        photo bytea, seen timestamptz, code text UNIQUE, stock int DEFAULT 7,
        twice numeric GENERATED ALWAYS AS (price * 2) STORED)`,
      [],
    )
    const table = `${schema}.odd "name"`
    const options = {
      table,
      key: 'the id',
      ...(versions === undefined ? {} : { versions }),
      ...(revision === undefined ? {} : { revision }),
    }
    const store = postgresTable<bigint, Product>(client, options)
    const apply = store.apply.bind(store)
    const load = async (key: bigint) => (await store.loadMany?.([key], { signal }))?.get(key)
    return { ask, schema, store, apply, load, client, options, [Symbol.asyncDispose]: end }
  }

  type Scene = Awaited<ReturnType<typeof setup>>

  async function somebodyWaits({ ask }: Scene): Promise<void> {
    await until('somebody waits for a lock', async () => {
      const waiting = await ask("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'", [])
      return rowsOf(waiting).length > 0
    })
  }

  /** Another connection, in the middle of a transaction. */
  async function begun() {
    const slow = new pg.Client({ connectionString: server.url })
    await slow.connect()
    await slow.query('BEGIN')
    return Object.assign(slow, { [Symbol.asyncDispose]: () => slow.end() })
  }

  const NUMBERED = { version: 3n, epoch: 'e' } as const
  const table = ({ schema }: Scene): string => `${schema}."odd ""name"""`

  test.each([undefined, 'xmin'] as const)(
    'a create that waits for an older put of the key is a conflict (%s)',
    async (revision) => {
      await using scene = await setup('versions_of_creates', revision)
      // The table of versions is there before anybody waits.
      await scene.apply([{ kind: 'put', key: 9n, value: { name: 'first' }, ...NUMBERED }], {
        signal,
      })
      await using slow = await begun()
      const put = { kind: 'put', key: 1n, value: { name: 'old' }, version: 2n, epoch: 'e' } as const
      await postgresTable<bigint, Product>(slow, scene.options).apply([put], { signal })
      const other = { kind: 'create', key: 2n, value: { name: 'other' }, ...NUMBERED } as const
      const create = { kind: 'create', key: 1n, value: { name: 'new' }, ...NUMBERED } as const
      const creating = scene.apply([create, other], { signal })
      await somebodyWaits(scene)
      await slow.query('COMMIT')
      expect((await creating).map(({ kind }) => kind)).toEqual(['conflict', 'applied'])
      expect(await scene.load(1n)).toMatchObject({ name: 'old' })
      expect(await scene.load(2n)).toMatchObject({ name: 'other' })
      // It has left no version, so that it is a conflict when it comes again.
      expect((await scene.apply([create], { signal })).map(({ kind }) => kind)).toEqual([
        'conflict',
      ])
    },
  )

  test('a put that waits for a change of somebody else meets it', async () => {
    await using scene = await setup('versions_of_changes', 'xmin')
    const { ask, apply, load } = scene
    await ask(`INSERT INTO ${table(scene)} ("the id", name) VALUES (1, 'old'), (2, 'old')`, [])
    const putOf = (key: bigint, value: Product | undefined) =>
      ({ kind: 'put', key, value: { name: 'mine' }, base: { value }, ...NUMBERED }) as const
    const puts = [putOf(1n, await load(1n)), putOf(2n, await load(2n))]
    await apply([{ kind: 'put', key: 9n, value: { name: 'first' }, ...NUMBERED }], { signal })
    await using slow = await begun()
    await slow.query(`UPDATE ${table(scene)} SET name = 'theirs' WHERE "the id" = 1`)
    const putting = apply(puts, { signal })
    await somebodyWaits(scene)
    await slow.query('COMMIT')
    expect((await putting).map(({ kind }) => kind)).toEqual(['conflict', 'applied'])
    expect(await load(1n)).toMatchObject({ name: 'theirs' })
    expect(await load(2n)).toMatchObject({ name: 'mine' })
  })

  test('a put of a new row that waits for one of somebody else is a conflict', async () => {
    await using scene = await setup('versions_of_rows', 'xmin')
    await using slow = await begun()
    await slow.query(`INSERT INTO ${table(scene)} ("the id", name) VALUES (1, 'theirs')`)
    const value = { name: 'mine' }
    const put = { kind: 'put', key: 1n, value, base: { value }, ...NUMBERED } as const
    const putting = scene.apply([put], { signal })
    await somebodyWaits(scene)
    await slow.query('COMMIT')
    expect((await putting).map(({ kind }) => kind)).toEqual(['conflict'])
    expect(await scene.load(1n)).toMatchObject({ name: 'theirs' })
  })

  test('a change that is taken back, a lock, or a table that is written anew is no change', async () => {
    await using scene = await setup('versions_of_locks', 'xmin')
    const { ask, apply, load } = scene
    await ask(`INSERT INTO ${table(scene)} ("the id", name) VALUES (1, 'old')`, [])
    const value = await load(1n)
    await using slow = await begun()
    await slow.query(`UPDATE ${table(scene)} SET name = 'theirs'`)
    await slow.query('ROLLBACK')
    await ask(`SELECT 1 FROM ${table(scene)} FOR UPDATE`, [])
    const base = { value }
    const put = { kind: 'put', key: 1n, value: { name: 'mine' }, base, ...NUMBERED } as const
    expect(await apply([put], { signal })).toEqual([{ kind: 'applied' }])
    await ask(`VACUUM (FULL, FREEZE) ${table(scene)}`, [])
    await ask('VACUUM (FULL, FREEZE) versions_of_locks', [])
    expect(await apply([{ ...put, version: 4n }], { signal })).toEqual([{ kind: 'applied' }])
    await ask(`UPDATE ${table(scene)} SET stock = 8`, [])
    expect(await apply([{ ...put, version: 5n }], { signal })).toMatchObject([{ kind: 'conflict' }])
  })

  test('a removal that waits for an older put of the key takes the row that this one has made', async () => {
    await using scene = await setup('versions_of_late')
    const { ask, apply, load, schema } = scene
    await apply([{ kind: 'put', key: 9n, value: { name: 'other' }, version: 1n, epoch: 'e' }], {
      signal,
    })
    const slow = new pg.Client({ connectionString: server.url })
    await slow.connect()
    const options = { table: `${schema}.odd "name"`, key: 'the id', versions: 'versions_of_late' }
    const put = { kind: 'put', key: 1n, value: { name: 'old' }, version: 2n, epoch: 'e' } as const
    await slow.query('BEGIN')
    await postgresTable<bigint, Product>(slow, options).apply([put], { signal })
    const remove = { kind: 'remove', key: 1n, version: 3n, epoch: 'e' } as const
    const removing = apply([remove], { signal })
    await until('the removal waits for the put', async () => {
      const waiting = await ask("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'", [])
      return rowsOf(waiting).length > 0
    })
    await slow.query('COMMIT')
    await slow.end()
    expect(await removing).toEqual([{ kind: 'applied' }])
    expect(await load(1n)).toBeUndefined()
  })

  test.each([undefined, 'xmin'] as const)(
    'writing a batch does not read the versions of other keys (%s)',
    async (revision) => {
      await using scene = await setup()
      const { ask, schema } = scene
      const asked: { readonly text: string; readonly params: unknown[] }[] = []
      const recording = (text: string, params: unknown[]) => {
        asked.push({ text, params })
        return ask(text, params)
      }
      const [table, versions] = [`${schema}.odd "name"`, `${schema}.versions`]
      const store = postgresTable<bigint, Product>(recording, {
        table,
        key: 'the id',
        versions,
        ...(revision === undefined ? {} : { revision }),
      })
      const value = { name: 'a' }
      const put = { kind: 'put', key: 1n, value, base: { value }, version: 1n, epoch: 'e' } as const
      expect(await store.apply([put], { signal })).toEqual([{ kind: 'applied' }])
      await ask(
        `INSERT INTO ${schema}.versions SELECT $1, n::text, 1, 'e' FROM generate_series(2, 5000) AS n`,
        [table],
      )
      const writing = asked.find(({ text }) => text.includes('INSERT INTO'))
      const plan = rowsOf(await ask(`EXPLAIN ${writing?.text}`, writing?.params ?? []))
      const lines = JSON.stringify(plan)
      expect(lines).toMatch(/Insert on versions/)
      expect(lines).not.toMatch(/Seq Scan on versions/)
      // With revisions, one look into the index for each row.
      const scans = lines.match(/Scan (using \w+ )?on versions/g) ?? []
      expect(scans).toHaveLength(revision === undefined ? 0 : 1)
    },
  )

  test('keeps values of every kind, with keys beyond 2^53', async () => {
    await using scene = await setup()
    const key = 2n ** 62n
    const value = {
      name: 'größe \u{1f600}',
      price: 3.5,
      labels: ['a', 'b,"c'],
      details: { list: [1, null], text: '"' },
      photo: Uint8Array.of(0, 255),
      seen: '2026-01-02T03:04:05.000Z',
    }
    await scene.apply([{ kind: 'put', key, value }], { signal })
    const row = (await scene.load(key)) as Record<string, unknown>
    expect(row).toMatchObject({ name: value.name, labels: value.labels, details: value.details })
    expect([String(row['the id']), Number(row['price']), row['stock']]).toEqual([
      String(key),
      3.5,
      7,
    ])
    expect([...(row['photo'] as Uint8Array)]).toEqual([0, 255])
    expect(new Date(row['seen'] as Date).toISOString()).toBe(value.seen)
  })

  test('keeps the columns that a value does not have, and empties the undefined', async () => {
    await using scene = await setup()
    await scene.apply([{ kind: 'put', key: 1n, value: { name: 'lamp', price: 1 } }], { signal })
    await scene.apply([{ kind: 'put', key: 1n, value: { name: undefined } }], { signal })
    expect(await scene.load(1n)).toMatchObject({ name: null, price: '1.00', stock: 7 })
  })

  test.each([undefined, 'versions'])('tells what is refused by kind (%s)', async (versions) => {
    await using scene = await setup(versions && `s${schemas + 1}.versions`)
    const version = versions === undefined ? {} : { version: 5n, epoch: 'e' }
    const put = (key: bigint, value: Product) => ({ kind: 'put', key, value, ...version }) as const
    const many = Array.from({ length: 50 }, (_, at) => put(BigInt(100 + at), { price: at }))
    const outcomes = await scene.apply(
      [
        ...many,
        put(1n, { price: 1, code: 'x' }),
        put(2n, { price: -1 }),
        put(3n, { price: 3, code: 'x' }),
        put(4n, 'no object' as unknown as Product),
        put(2n ** 70n, { price: 4 }),
        put(6n, { name: 'with a \0' }),
        put(7n, { price: 7 }),
      ],
      { signal },
    )
    const kinds = outcomes.map((one: StoreOutcome) =>
      one.kind === 'failed' ? `${one.kind} ${one.retry}` : one.kind,
    )
    expect(kinds.slice(0, 50).every((kind) => kind === 'applied')).toBe(true)
    expect(kinds.slice(50)).toEqual([
      'applied',
      'failed permanent',
      'conflict',
      'failed permanent',
      'failed permanent',
      'failed permanent',
      'applied',
    ])
    expect(await scene.load(7n)).toMatchObject({ price: '7.00' })
    // What was refused has left no version: a mended one of the same number is applied.
    expect(await scene.apply([put(2n, { price: 2 })], { signal })).toEqual([{ kind: 'applied' }])
  })

  test.each([undefined, 'versions'])(
    'a write that is refused for whatever reason keeps no other one back (%s)',
    async (versions) => {
      await using scene = await setup(versions && `s${schemas + 1}.versions`)
      const { ask, apply, schema } = scene
      await ask(
        `CREATE FUNCTION ${schema}.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF NEW.name = 'odd' THEN RAISE EXCEPTION 'not this one'; END IF; RETURN NEW; END $$`,
        [],
      )
      await ask(
        `CREATE TRIGGER refuse BEFORE INSERT ON ${schema}."odd ""name""" FOR EACH ROW
          EXECUTE FUNCTION ${schema}.refuse()`,
        [],
      )
      const version = versions === undefined ? {} : { version: 5n, epoch: 'e' }
      const put = (key: bigint, value: Product) =>
        ({ kind: 'put', key, value, ...version }) as const
      const endless: { self?: unknown } = {}
      endless.self = endless
      const noise = Array.from({ length: 40_000 }, () => Math.random().toString(36)).join('')
      const outcomes = await apply(
        [
          put(1n, { name: 'good' }),
          put(2n, { name: 'odd' }),
          put(3n, { name: 'deep', details: { count: 1n } }),
          put(4n, { name: 'endless', details: endless }),
          put(5n, { name: 'long', code: noise }),
          put(6n, { name: 'good too' }),
          put(7n, { name: 'deep, and good', details: { count: 1 } }),
        ],
        { signal },
      )
      const kinds = outcomes.map((one) =>
        one.kind === 'failed' ? `${one.kind} ${one.retry}` : one.kind,
      )
      expect(kinds).toEqual([
        'applied',
        'failed permanent',
        'failed permanent',
        'failed permanent',
        'failed permanent',
        'applied',
        'applied',
      ])
    },
  )

  test('two spellings of one key in a batch are written one after the other', async () => {
    await using scene = await setup(`s${schemas + 1}.versions`)
    const { ask, client, schema } = scene
    await ask(`CREATE TABLE ${schema}.named (id uuid PRIMARY KEY, name text)`, [])
    for (const versions of [undefined, `${schema}.versions`]) {
      const store = postgresTable<string, Product>(client, {
        table: `${schema}.named`,
        key: 'id',
        ...(versions === undefined ? {} : { versions }),
      })
      const id =
        versions === undefined
          ? 'abcdef01-2345-6789-abcd-ef0123456789'
          : 'abcdef01-2345-6789-abcd-ef0123456780'
      const version = (of: bigint) => (versions === undefined ? {} : { version: of, epoch: 'e' })
      const twice = (kind: 'create' | 'put') => [
        { kind, key: id, value: { name: 'first' }, ...version(1n) },
        { kind, key: id.toUpperCase(), value: { name: 'second' }, ...version(2n) },
      ]
      expect((await store.apply(twice('create'), { signal })).map(({ kind }) => kind)).toEqual([
        'applied',
        'conflict',
      ])
      expect((await store.loadMany?.([id], { signal }))?.get(id)).toMatchObject({ name: 'first' })
      const puts = await store.apply(
        twice('put').map((write) => ({
          ...write,
          ...version((write.version ?? 0n) + 2n),
        })),
        { signal },
      )
      expect(puts).toEqual([{ kind: 'applied' }, { kind: 'applied' }])
      expect((await store.loadMany?.([id], { signal }))?.get(id)).toMatchObject({ name: 'second' })
    }
  })

  test('a key that the type of its column refuses is not found, and the others are', async () => {
    await using scene = await setup(`s${schemas + 1}.versions`)
    const put = { kind: 'put', value: { name: 'a' }, version: 3n, epoch: 'e' } as const
    await scene.apply([{ ...put, key: 1n }], { signal })
    const store = scene.store as unknown as Store<CacheKey, Product>
    const keys = [1.5, 'abc', 1n, 2 ** 70, 'with a \0', '\ud800', Number.NaN]
    const found = await store.loadMany?.(keys, { signal })
    expect([...(found ?? [])]).toMatchObject([[1n, { name: 'a' }]])
    const versions = await store.versions?.(keys, { signal })
    expect([...(versions ?? [])]).toEqual([[1n, { version: 3n, epoch: 'e' }]])
    // A database that is away says nothing about keys.
    await scene.ask(`DROP SCHEMA ${scene.schema} CASCADE`, [])
    await expect(store.loadMany?.(keys, { signal })).rejects.toThrow('does not exist')
  })

  test.each([
    ['uuid', 'ABCDEF01-2345-6789-ABCD-EF0123456789'],
    ['numeric(10, 2)', 1],
    ['date', '20260102'],
  ])('a key of the type %s has its version whatever its spelling', async (type, key) => {
    await using scene = await setup()
    const { ask, client, schema } = scene
    await ask(`CREATE TABLE ${schema}.spelt (id ${type} PRIMARY KEY, name text)`, [])
    const options = { table: `${schema}.spelt`, key: 'id', versions: `${schema}.versions` }
    const store = postgresTable<CacheKey, Product>(client, options)
    const write = (version: bigint) =>
      ({ kind: 'put', key, value: { name: 'a' }, version, epoch: 'e' }) as const
    expect(await store.apply([write(5n)], { signal })).toEqual([{ kind: 'applied' }])
    expect(await store.apply([write(5n)], { signal })).toEqual([{ kind: 'applied' }])
    expect(await store.apply([write(4n)], { signal })).toEqual([
      { kind: 'superseded', by: 5n, byEpoch: 'e' },
    ])
    expect([...((await store.versions?.([key], { signal })) ?? [])]).toEqual([
      [key, { version: 5n, epoch: 'e' }],
    ])
  })

  test('columns that come and go are noticed', async () => {
    await using scene = await setup()
    const { ask, apply, load, schema } = scene
    const table = `${schema}."odd ""name"""`
    const put = (value: object) => [{ kind: 'put', key: 1n, value }] as const
    await apply(put({ name: 'a', code: 'x' }), { signal })
    expect(await load(1n)).toMatchObject({ code: 'x' })
    await ask(`ALTER TABLE ${table} DROP COLUMN code`, [])
    expect(await load(1n)).toMatchObject({ name: 'a' })
    await ask(`ALTER TABLE ${table} DROP COLUMN seen`, [])
    const seen = { name: 'b', seen: '2026-01-02T03:04:05Z' }
    expect(await apply(put(seen), { signal })).toEqual([{ kind: 'applied' }])
    await ask(`ALTER TABLE ${table} ALTER COLUMN labels TYPE text`, [])
    expect(await apply(put({ labels: 'dear' }), { signal })).toEqual([{ kind: 'applied' }])
    expect(await load(1n)).toMatchObject({ name: 'b', labels: 'dear' })
  })

  test('a row with a column that only the database fills can be put back', async () => {
    await using scene = await setup()
    const { ask, client, schema } = scene
    await ask(
      `CREATE TABLE ${schema}.counted (id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)`,
      [],
    )
    await ask(
      `CREATE TABLE ${schema}.numbered (id int8 PRIMARY KEY, name text, at int GENERATED ALWAYS AS IDENTITY)`,
      [],
    )
    for (const versions of [undefined, `${schema}.versions`]) {
      for (const table of ['counted', 'numbered']) {
        const options = { table: `${schema}.${table}`, key: 'id' }
        const store = postgresTable<number, Product>(client, {
          ...options,
          ...(versions === undefined ? {} : { versions }),
        })
        const load = async () => (await store.loadMany?.([5], { signal }))?.get(5)
        const version = (of: bigint) => (versions === undefined ? {} : { version: of, epoch: 'e' })
        const put = (value: Product, of: bigint) =>
          store.apply([{ kind: 'put', key: 5, value, ...version(of) }], { signal })
        expect(await put({ name: 'a' }, 1n)).toEqual([{ kind: 'applied' }])
        const row = await load()
        expect(await put({ ...row, name: 'b' }, 2n)).toEqual([{ kind: 'applied' }])
        expect(await load()).toEqual({ ...row, name: 'b' })
      }
    }
    const read = postgresTable<number, Product>(client, { table: `${schema}.numbered`, key: 'id' })
    expect((await read.loadMany?.([5], { signal }))?.get(5)).toHaveProperty('at')
  })

  test('a row that somebody else has locked is not waited for without end, nor is anything after it', async () => {
    await using scene = await setup(`s${schemas + 1}.versions`)
    const write = (key: bigint, of: bigint) =>
      ({ kind: 'put', key, value: { name: 'a' }, version: of, epoch: 'e' }) as const
    await scene.store.apply([write(1n, 1n), write(2n, 1n)], { signal })
    await using other = await begun()
    await other.query(`UPDATE ${table(scene)} SET name = 'held' WHERE "the id" = 2`)
    const began = performance.now()
    const held = await scene.store.apply([write(1n, 2n), write(2n, 2n)], { signal })
    expect(performance.now() - began).toBeLessThan(4_500)
    expect(held).toMatchObject([
      { kind: 'failed', retry: 'transient' },
      { kind: 'failed', retry: 'transient' },
    ])
    // Its locks have ended with it, and so has its setting.
    expect(await scene.store.apply([write(1n, 2n)], { signal })).toEqual([{ kind: 'applied' }])
    expect(rowsOf(await scene.ask('SHOW lock_timeout', []))).toEqual([{ lock_timeout: '0' }])
    await other.query('COMMIT')
    expect(await scene.store.apply([write(2n, 2n)], { signal })).toEqual([{ kind: 'applied' }])
  })

  test('a shorter wait for locks than its own stays', async () => {
    await using scene = await setup()
    const limited = new pg.Pool({ connectionString: server.url, max: 1 })
    await limited.query("SET lock_timeout = '100ms'")
    const store = postgresTable<bigint, Product>(limited, scene.options)
    const put = [{ kind: 'put', key: 1n, value: { name: 'a' } }] as const
    await store.apply(put, { signal })
    await using other = await begun()
    await other.query(`SELECT 1 FROM ${table(scene)} FOR UPDATE`)
    const began = performance.now()
    expect(await store.apply(put, { signal })).toMatchObject([{ kind: 'failed' }])
    expect(performance.now() - began).toBeLessThan(1_500)
    await limited.end()
  })

  test('a database that is away, or lacks the table, is no fault of a write', async () => {
    await using scene = await setup()
    const none = postgresTable<bigint, Product>(scene.client, { table: 'none', key: 'id' })
    await expect(none.apply([{ kind: 'remove', key: 1n }], { signal })).rejects.toThrow('none')
    await scene.ask(`ALTER TABLE ${scene.schema}."odd ""name""" RENAME TO other`, [])
    const known = await scene
      .apply([{ kind: 'put', key: 1n, value: { price: 1 } }], { signal })
      .catch((error: unknown) => [{ kind: 'failed', retry: 'transient', error }])
    expect(known).toMatchObject([{ kind: 'failed', retry: 'transient' }])
  })

  test.each([undefined, 'xmin'] as const)(
    'writes of many batches at once neither block each other nor go back (%s)',
    async (revision) => {
      await using scene = await setup(`s${schemas + 1}.versions`, revision)
      const keys = Array.from({ length: 40 }, (_, at) => BigInt(at))
      await Promise.all(
        Array.from({ length: 20 }, (_, at) => {
          const version = BigInt(at + 1)
          const order = at % 2 === 0 ? keys : keys.toReversed()
          return scene.apply(
            order.map((key) => ({
              kind: 'put',
              key,
              value: { price: at + 1 },
              version,
              epoch: 'e',
            })),
            { signal },
          )
        }),
      )
      for (const key of keys) expect(await scene.load(key)).toMatchObject({ price: '20.00' })
    },
  )
})

test('a name that cannot be one is refused', () => {
  const client = () => Promise.resolve([])
  for (const [field, options] of [
    ['table', { table: '', key: 'id' }],
    ['key', { table: 'a', key: 'with a \0' }],
    ['columns[0]', { table: 'a', key: 'id', columns: [''] }],
    ['versions', { table: 'a', key: 'id', versions: '' }],
  ] as const) {
    expect(() => postgresTable(client, options)).toThrow(ConfigError)
    expect(() => postgresTable(client, options)).toThrow(field)
  }
})

describe('prepared statements', () => {
  test('are prepared when they come again, and anew when the table was altered', async () => {
    await using pool = Object.assign(new pg.Pool({ connectionString: server.url, max: 1 }), {
      [Symbol.asyncDispose]: () => pool.end(),
    })
    schemas += 1
    const schema = `s${schemas}`
    await pool.query(`CREATE SCHEMA ${schema}`)
    await pool.query(`CREATE TABLE ${schema}.a (id int8 PRIMARY KEY, name text, price int)`)
    const prepared = async () => {
      const { rows } = await pool.query(
        "SELECT statement FROM pg_prepared_statements WHERE name LIKE 'tiercel%'",
      )
      return rows.length
    }
    const store = postgresTable<number, Product>(pool, {
      ...{ table: `${schema}.a`, key: 'id', versions: `${schema}.v`, statements: 'prepared' },
    })
    let version = 0n
    const put = async (price: number) => {
      version += 1n
      const write = { kind: 'put', key: 1, value: { price }, version, epoch: 'e' } as const
      return await store.apply([write], { signal })
    }
    const load = async () => (await store.loadMany?.([1], { signal }))?.get(1)
    await put(1)
    await load()
    expect(await prepared()).toBe(0)
    for (const price of [2, 3]) {
      expect(await put(price)).toEqual([{ kind: 'applied' }])
      expect(await load()).toMatchObject({ price })
    }
    expect(await prepared()).toBe(2)
    await pool.query(`ALTER TABLE ${schema}.a ALTER COLUMN price TYPE text`)
    expect(await load()).toMatchObject({ price: '3' })
    expect(await put(4)).toEqual([{ kind: 'applied' }])
    for (let at = 0; at < 3; at += 1) expect(await load()).toMatchObject({ price: '4' })
  })

  test('are not asked of a function', () => {
    const options = { table: 'a', key: 'id', statements: 'prepared' } as const
    expect(() => postgresTable(() => Promise.resolve([]), options)).toThrow('`statements`')
  })
})
