import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { Transactions } from './transactions.ts'

/** An empty table in memory, on a disk that ends after a few pages. */
function setup() {
  const db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE t (v); PRAGMA max_page_count = 20')
  const insert = (v: number | Uint8Array) => () => db.prepare('INSERT INTO t VALUES (?)').run(v)
  const count = () => db.prepare('SELECT count(*) AS n FROM t').get()
  return { db, transactions: new Transactions(db, 0), insert, count }
}

describe('Transactions', () => {
  test('a step that fails takes back its own changes only', () => {
    const { db, transactions, insert, count } = setup()
    const outcomes = transactions.write([
      insert(1),
      () => {
        insert(2)()
        db.exec('nonsense')
      },
      insert(3),
    ])
    expect(outcomes.map(({ ok }) => ok)).toEqual([true, false, true])
    expect(count()).toEqual({ n: 2 })
  })

  test('a step that is alone and fails takes all of it back, and the next finds its way', () => {
    const { db, transactions, insert, count } = setup()
    let finished = 0
    const failing = () => {
      insert(1)()
      throw new Error('no')
    }
    const outcomes = transactions.write([failing], () => {
      finished += 1
    })
    expect(outcomes).toMatchObject([{ ok: false, fault: { message: 'no' } }])
    expect([db.isTransaction, finished, count()]).toEqual([false, 0, { n: 0 }])
    expect(transactions.write([insert(2)])).toMatchObject([{ ok: true }])
    const ended = () => db.exec('ROLLBACK')
    expect(transactions.write([ended], insert(3))).toMatchObject([{ ok: false }])
    const endedAndFails = () => {
      ended()
      throw Object.assign(new Error('no room'), { errcode: 4 })
    }
    expect(transactions.write([endedAndFails])).toMatchObject([
      { ok: false, fault: { message: 'no room', resultCode: 4 } },
    ])
    expect(count()).toEqual({ n: 1 })
  })

  test('a full disk fails every step, whatever became of it before', () => {
    const { db, transactions, insert, count } = setup()
    const outcomes = transactions.write([insert(1), insert(new Uint8Array(200_000)), insert(2)])
    const failed = outcomes.filter(({ ok }) => !ok)
    // SQLite may give up the step or the transaction; nothing of what failed may stay.
    expect(failed.length).toBeGreaterThan(0)
    expect(count()).toEqual({ n: 3 - failed.length })
    expect(outcomes[1]).toMatchObject({ ok: false, fault: { resultCode: 13, refused: true } })
    expect(db.isTransaction).toBe(false)
  })

  test('who is there and refuses a write is told apart from a file that fails', () => {
    const { db, transactions } = setup()
    db.exec('PRAGMA query_only = 1')
    const write = [() => db.exec('INSERT INTO t VALUES (1)')]
    expect(transactions.write(write)).toMatchObject([{ fault: { resultCode: 8, refused: true } }])
    const [read] = transactions.read(write)
    expect(read).not.toHaveProperty('fault.refused')
    db.exec('PRAGMA query_only = 0')
    const [nonsense] = transactions.write([() => db.exec('nonsense')])
    expect(nonsense).not.toHaveProperty('fault.refused')
  })

  test('a transaction that is ended from inside fails as a whole', () => {
    const { db, transactions, insert, count } = setup()
    const outcomes = transactions.write([insert(1), () => db.exec('ROLLBACK'), insert(2)])
    expect(outcomes.map(({ ok }) => ok)).toEqual([false, false, false])
    expect(count()).toEqual({ n: 0 })
    expect(transactions.write([insert(3)])).toMatchObject([{ ok: true }])
  })

  test('what is to be finished with the steps fails with all of them', () => {
    const { transactions, insert, count } = setup()
    const outcomes = transactions.write([insert(1), insert(2)], () => {
      throw new Error('The end did not work.')
    })
    expect(outcomes).toMatchObject([
      { ok: false, fault: { message: 'The end did not work.', resultCode: 0 } },
      { ok: false },
    ])
    expect(count()).toEqual({ n: 0 })
  })
})
