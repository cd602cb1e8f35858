import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outboxScene } from '../../../test/servers/outbox-scene.ts'
import { postgresDrivers } from '../../../test/servers/postgres-drivers.ts'
import type { PostgresServer } from '../../../test/servers/postgres-server.ts'
import { startPostgres } from '../../../test/servers/start-postgres.ts'
import { ConfigError } from '../../contracts/errors.ts'
import { dropOutboxSql, outboxSql } from './outbox-sql.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ config: { max_prepared_transactions: '2' } })
})
afterAll(() => server[Symbol.asyncDispose]())

const [driver] = postgresDrivers
const setup = (options: Parameters<typeof outboxScene>[2] = {}) => {
  if (driver === undefined) throw new Error('There is no driver.')
  return outboxScene(server, driver, options)
}

describe('the SQL of an outbox', () => {
  test('notes each row that changes, with the old key and the new one', async () => {
    await using scene = await setup()
    const { program, table } = scene
    await program.query(`INSERT INTO ${table} VALUES (1, 'a'), (2, 'b')`)
    await program.query(`UPDATE ${table} SET name = 'c' WHERE id = 1`)
    await program.query(`UPDATE ${table} SET id = 3 WHERE id = 2`)
    await program.query(`DELETE FROM ${table} WHERE id = 1`)
    await program.query(
      `INSERT INTO ${table} VALUES (3, 'd') ON CONFLICT (id) DO UPDATE SET name = 'd'`,
    )
    await program.query(`TRUNCATE ${table}`)
    expect(await scene.noted()).toEqual([
      ...['products 1', 'products 2', 'products 1', 'products 2', 'products 3'],
      ...['products 1', 'products 3', 'products null'],
    ])
  })

  test('an update that changes nothing is none, whatever the types of the columns', async () => {
    await using scene = await setup({ columns: 'id int PRIMARY KEY, about json, at point' })
    const { program, table } = scene
    await program.query(`INSERT INTO ${table} VALUES (1, '{"a": 1}', '(1, 2)')`)
    await program.query(`UPDATE ${table} SET about = about, at = at`)
    expect(await scene.noted()).toEqual(['products 1'])
    await program.query(`UPDATE ${table} SET about = '{"a":1}'`)
    expect(await scene.noted()).toHaveLength(2)
  })

  test('a change that was rolled back leaves nothing', async () => {
    await using scene = await setup()
    await scene.program.query(`BEGIN; INSERT INTO ${scene.table} VALUES (1); ROLLBACK`)
    expect(await scene.noted()).toEqual([])
  })

  test('sees what is written to a partition, moved between two, and truncated', async () => {
    await using scene = await setup()
    const { program, schema, outbox } = scene
    await program.query(`CREATE TABLE ${schema}.parts (id int PRIMARY KEY, n int) PARTITION BY RANGE (id);
      CREATE TABLE ${schema}.low PARTITION OF ${schema}.parts FOR VALUES FROM (0) TO (100);
      CREATE TABLE ${schema}.high PARTITION OF ${schema}.parts FOR VALUES FROM (100) TO (200)`)
    await program.query(outboxSql({ table: `${schema}.parts`, outbox, collection: 'part' }))
    await program.query(`INSERT INTO ${schema}.low VALUES (1, 1)`)
    await program.query(`UPDATE ${schema}.parts SET id = 101`)
    await program.query(`TRUNCATE ${schema}.parts`)
    const noted = await scene.noted()
    expect(new Set(noted.slice(0, -1))).toEqual(new Set(['part 1', 'part 101']))
    expect(noted.at(-1)).toBe('part null')
  })

  test('may be run again, and taken away', async () => {
    await using scene = await setup()
    const { program, table, outbox } = scene
    const options = { table, outbox }
    await program.query(outboxSql({ ...options, notify: 'off' }))
    await program.query(outboxSql({ ...options, collection: 'card' }))
    await program.query(`INSERT INTO ${table} VALUES (1)`)
    expect((await scene.noted()).toSorted()).toEqual(['card 1', 'products 1'])
    await program.query(dropOutboxSql({ ...options, collection: 'card' }))
    await program.query(dropOutboxSql(options))
    await program.query(`INSERT INTO ${table} VALUES (2)`)
    expect(await scene.noted()).toHaveLength(2)
  })

  test('lets a program write that may do nothing with the outbox', async () => {
    await using scene = await setup()
    const { program, schema, table } = scene
    const role = `writer_${schema}`
    await program.query(`CREATE ROLE ${role}; GRANT USAGE ON SCHEMA ${schema} TO ${role};
      GRANT INSERT ON ${table} TO ${role}`)
    await program.query(`SET ROLE ${role}`)
    await program.query(`INSERT INTO ${table} VALUES (1)`)
    await expect(program.query(`SELECT 1 FROM ${scene.outbox}`)).rejects.toThrow('denied')
    await program.query('RESET ROLE')
    expect(await scene.noted()).toEqual(['products 1'])
  })

  test('without notifications a transaction may be prepared, with them it may not', async () => {
    await using scene = await setup()
    const { program, table, outbox } = scene
    const prepare = async (name: string): Promise<void> => {
      await program.query('BEGIN')
      await program.query(`INSERT INTO ${table} VALUES (1)`)
      await program.query(`PREPARE TRANSACTION '${name}'`)
    }
    await expect(prepare('one')).rejects.toThrow('NOTIFY')
    await program.query('ROLLBACK')
    await program.query(outboxSql({ table, outbox, notify: 'off' }))
    await prepare('two')
    await program.query("COMMIT PREPARED 'two'")
    expect(await scene.noted()).toEqual(['products 1'])
  })

  const hostile = [
    `"; DROP TABLE x; --`,
    `'; SELECT 1; --`,
    `$tiercel$; SELECT 1; $tiercel1$`,
    `back\\slash\\'`,
    'with a dot. and\nlines -- of it',
    'größe 😀',
    `:name :'name' {0} %I`,
  ]
  test.each(hostile)('a table, a key and an outbox called %j are only names', async (name) => {
    await using scene = await setup()
    const { program } = scene
    const quoted = `"${name.replaceAll('"', '""')}"`
    const schema = `${scene.schema} ${name}`.slice(0, 40)
    const inSchema = `"${schema.replaceAll('"', '""')}"`
    await program.query(`CREATE SCHEMA ${inSchema}`)
    await program.query(`CREATE TABLE ${inSchema}.${quoted} (${quoted} text PRIMARY KEY)`)
    const outbox = `${scene.schema}.${name.replaceAll('.', '')}`
    const options = { table: name, schema, key: name, outbox, collection: 'odd' }
    await program.query(outboxSql(options))
    await program.query(`INSERT INTO ${inSchema}.${quoted} VALUES ($1)`, [name])
    const inOutbox = `${scene.schema}."${name.replaceAll('.', '').replaceAll('"', '""')}"`
    const { rows } = await program.query(`SELECT collection, key FROM ${inOutbox}`)
    expect(rows).toEqual([{ collection: 'odd', key: name }])
    await program.query(dropOutboxSql(options))
  })
})

test('a name that cannot be one is refused, with its field', () => {
  const table = 'products'
  for (const [field, options] of [
    ['table', { table: '' }],
    ['table', { table: 'a.b.c' }],
    ['table', { table: 'x'.repeat(64) }],
    ['table', { table: 7 as unknown as string }],
    ['schema', { table, schema: 'with a \0' }],
    ['key', { table, key: '' }],
    ['key', { table, key: '\ud800' }],
    ['collection', { table: 'odd name' }],
    ['collection', { table, collection: '' }],
    ['outbox', { table, outbox: 'a.b.c' }],
    ['outbox', { table, outbox: 'é'.repeat(27) }],
    ['notify', { table, notify: 'no' as 'off' }],
  ] as const) {
    const make = () => outboxSql(options)
    expect(make).toThrow(ConfigError)
    expect(make).toThrow(`\`${field}\``)
  }
})
