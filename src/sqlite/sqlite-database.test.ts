import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test, vi } from 'vitest'
import { ArgumentError, ConfigError } from '../contracts/errors.ts'
import { openSqlite } from './sqlite-database.ts'
import { SqliteError } from './sqlite-error.ts'

/** A database with one table, gone with its folder when the test ends. */
async function setup(thread: 'worker' | 'inline' = 'inline') {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-database-'))
  const path = join(folder, 'shop.db')
  const database = openSqlite(path, { thread, busyTimeoutMs: 50 })
  await database.run('CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT NOT NULL, photo)')
  const dispose = async () => {
    await database.close()
    rmSync(folder, { recursive: true })
  }
  return { database, path, [Symbol.asyncDispose]: dispose }
}

describe.each(['inline', 'worker'] as const)('openSqlite, %s', (thread) => {
  test('what is written is read, with every type that SQLite has', async () => {
    await using shop = await setup(thread)
    const photo = new Uint8Array(randomBytes(300))
    await shop.database.run('INSERT INTO product VALUES (?, ?, ?)', [1, 'lamp', photo])
    await shop.database.run('INSERT INTO product VALUES (?, ?, ?)', [2n ** 60n, 'Ω', null])
    expect(await shop.database.all('SELECT * FROM product ORDER BY id')).toEqual([
      { id: 1, name: 'lamp', photo },
      { id: 2n ** 60n, name: 'Ω', photo: null },
    ])
  })

  // Node 22 made `NULL` of them, and writes behind the cache, removals among them, were lost in a file.
  test('no bytes are a blob of none, and not nothing', async () => {
    await using shop = await setup(thread)
    for (const [id, none] of [new Uint8Array(0), new Uint8Array(new ArrayBuffer(0))].entries()) {
      await shop.database.run('INSERT INTO product VALUES (?, ?, ?)', [id, 'lamp', none])
    }
    const types = await shop.database.all('SELECT typeof(photo) AS type FROM product')
    expect(types).toEqual([{ type: 'blob' }, { type: 'blob' }])
  })

  test('a statement that fails in a tick fails alone', async () => {
    await using shop = await setup(thread)
    const insert = (id: number, name: string | null) =>
      shop.database.run('INSERT INTO product VALUES (?, ?, NULL)', [id, name])
    const settled = await Promise.allSettled([
      insert(1, 'lamp'),
      insert(2, null),
      shop.database.run('INSERT INTO nowhere VALUES (1)'),
      insert(3, 'desk'),
    ])
    expect(settled.map((one) => one.status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(await shop.database.all('SELECT id FROM product')).toEqual([{ id: 1 }, { id: 3 }])
  })

  test('a transaction writes all of its statements or none', async () => {
    await using shop = await setup(thread)
    const insert = { sql: 'INSERT INTO product VALUES (?, ?, NULL)' }
    const whole = await shop.database.transaction([
      { ...insert, params: [1, 'lamp'] },
      { sql: "UPDATE product SET name = upper(name) RETURNING name AS 'written'" },
    ])
    expect(whole).toEqual([
      { rows: [], changes: 1 },
      { rows: [{ written: 'LAMP' }], changes: 1 },
    ])
    const broken = shop.database.transaction([
      { ...insert, params: [2, 'desk'] },
      { ...insert, params: [1, 'taken'] },
    ])
    await expect(broken).rejects.toThrow(SqliteError)
    expect(await shop.database.all('SELECT id FROM product')).toEqual([{ id: 1 }])
  })

  test('calls of one tick keep their order', async () => {
    await using shop = await setup(thread)
    const insert = shop.database.run("INSERT INTO product VALUES (7, 'lamp', NULL)")
    const read = shop.database.all('SELECT id FROM product')
    const remove = shop.database.run('DELETE FROM product')
    expect(await Promise.all([insert, read, remove])).toEqual([
      { changes: 1 },
      [{ id: 7 }],
      { changes: 1 },
    ])
  })

  test('while another process holds the lock, reads are answered and writes fail as busy', async () => {
    await using shop = await setup(thread)
    const other = new DatabaseSync(shop.path)
    other.exec('BEGIN IMMEDIATE')
    const write = shop.database.run("INSERT INTO product VALUES (1, 'lamp', NULL)")
    await expect(write).rejects.toMatchObject({ name: 'SqliteError', resultCode: 5 })
    await expect(write).rejects.toThrow(`${shop.path}: Another process holds the lock`)
    expect(await shop.database.all('SELECT id FROM product')).toEqual([])
    other.close()
  })

  test('a closed database rejects, and closing twice is fine', async () => {
    await using shop = await setup(thread)
    const last = shop.database.all('SELECT 1 AS one')
    await shop.database.close()
    await shop.database.close()
    expect(await last).toEqual([{ one: 1 }])
    await expect(shop.database.all('SELECT 1')).rejects.toThrow('closed')
  })

  test('a file in a folder that is not there names what to do', async () => {
    const database = openSqlite('/proc/tiercel/none.db', { thread })
    await expect(database.ready()).rejects.toThrow(/none\.db.*its folder must exist/)
    await expect(database.all('SELECT 1')).rejects.toThrow(SqliteError)
    await database.close()
  })

  test('a folder that comes later, and a lock that is let go of, are waited for by themselves', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tiercel-database-'))
    const path = join(folder, 'late', 'shop.db')
    const late = openSqlite(path, { thread })
    await expect(late.ready()).rejects.toThrow('folder must exist')
    await expect(late.all('SELECT 1 AS one')).rejects.toThrow(/shop\.db.*folder must exist/)
    mkdirSync(join(folder, 'late'))
    const other = new DatabaseSync(path)
    other.exec(
      'CREATE TABLE product (id INTEGER); PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE',
    )
    await vi.waitFor(() => expect(late.ready()).rejects.toThrow('holds the lock'), 5_000)
    other.close()
    await vi.waitFor(() => late.ready(), 5_000)
    expect(await late.all('SELECT * FROM product')).toEqual([])
    await late.close()
    await expect(late.ready()).rejects.toThrow('closed')
    rmSync(folder, { recursive: true })
  })

  test('a database that is taken away while it is open answers nothing, until it is back', async () => {
    await using shop = await setup(thread)
    const insert = (id: number) =>
      shop.database.run("INSERT INTO product VALUES (?, 'lamp', 0)", [id])
    await insert(1)
    renameSync(shop.path, `${shop.path}.away`)
    // Who carries out writes behind a cache tries it again later.
    await expect(insert(2)).rejects.toMatchObject({ resultCode: 9 })
    await expect(shop.database.all('SELECT id FROM product')).rejects.toThrow(
      `${shop.path}: The file was deleted or replaced while it was open`,
    )
    renameSync(`${shop.path}.away`, shop.path)
    await insert(3)
    expect(await shop.database.all('SELECT id FROM product')).toEqual([{ id: 1 }, { id: 3 }])
  })

  test('a parameter that SQLite cannot hold is refused before it is sent', async () => {
    await using shop = await setup(thread)
    const params = [() => 1] as unknown as string[]
    const refused = shop.database.run('DELETE FROM product WHERE id = ?', params)
    const fine = shop.database.all('SELECT 1 AS one')
    await expect(refused).rejects.toThrow(ArgumentError)
    expect(await fine).toEqual([{ one: 1 }])
  })
})

describe('openSqlite', () => {
  test('a second statement in one call is refused, as is the control of transactions', async () => {
    await using shop = await setup()
    await expect(shop.database.run('DELETE FROM product; SELECT 1')).rejects.toThrow(
      'one statement',
    )
    await expect(shop.database.run(' commit')).rejects.toThrow('transaction')
  })

  test('a path that cannot be one is refused at once', () => {
    expect(() => openSqlite('')).toThrow(ConfigError)
    expect(() => openSqlite('a\0b')).toThrow(ConfigError)
    expect(() => openSqlite('a', { busyTimeoutMs: -1 })).toThrow(ConfigError)
  })
})
