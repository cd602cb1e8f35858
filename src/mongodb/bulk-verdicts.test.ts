import {
  BSON,
  MongoInvalidArgumentError,
  MongoNetworkError,
  MongoNetworkTimeoutError,
  MongoServerError,
  MongoServerSelectionError,
  MongoWriteConcernError,
} from 'mongodb'
import { describe, expect, test } from 'vitest'
import { answered, wrapped } from '../../test/servers/evaluated-collection.ts'
import { verdictsOf } from './bulk-verdicts.ts'

const operations = (count: number) =>
  Array.from({ length: count }, (_, _id) => ({ replaceOne: { filter: { _id }, secret: 'value' } }))

/** What the driver throws for a reply to `count` operations. */
function thrown(count: number, reply: object): unknown {
  try {
    answered(operations(count), { ok: 1, n: 0, ...reply })
  } catch (error) {
    return error
  }
  throw new Error('The driver takes the reply for a success.')
}

const refused = (index: number, code: number, errmsg = `code ${code}`) => ({ index, code, errmsg })
const concern = (code: number) => ({ writeConcernError: { code, errmsg: 'waiting timed out' } })

const shortOf = (error: unknown, count: number) =>
  verdictsOf(error, count)?.map((one) => (one.kind === 'failed' ? one.retry : one.kind))

describe('an error of a bulk', () => {
  test('refuses the writes that it names, and no other', () => {
    const reply = { writeErrors: [refused(1, 11_000), refused(3, 121)] }
    expect(shortOf(thrown(5, reply), 5)).toEqual([
      'applied',
      'duplicate',
      'applied',
      'permanent',
      'applied',
    ])
  })

  test('tells what the server said, without the value', () => {
    const [verdict] =
      verdictsOf(thrown(1, { writeErrors: [refused(0, 121, 'not valid')] }), 1) ?? []
    expect(verdict).toMatchObject({ kind: 'failed', error: { message: 'not valid', code: 121 } })
    expect(JSON.stringify(verdict)).not.toContain('secret')
  })

  test.each([112, 50, 91, 189, 10_107, 11_602, 13_435, 14_031, 13])(
    'of the code %i of one write may succeed later',
    (code) => {
      expect(shortOf(thrown(2, { writeErrors: [refused(0, code)] }), 2)).toEqual([
        'transient',
        'applied',
      ])
    },
  )

  test.each([66, 121, 10_334, 16_755, 17_419])(
    'of the code %i is the fault of its write',
    (code) => {
      expect(shortOf(thrown(2, { writeErrors: [refused(0, code)] }), 2)).toEqual([
        'permanent',
        'applied',
      ])
    },
  )

  test('leaves all unsure whose write concern was not reached, but what is wrong in itself', () => {
    expect(shortOf(thrown(2, concern(64)), 2)).toEqual(['transient', 'transient'])
    const both = { ...concern(64), writeErrors: [refused(0, 121), refused(1, 11_000)] }
    expect(shortOf(thrown(3, both), 3)).toEqual(['permanent', 'transient', 'transient'])
    // As the driver tells it of a command of its own.
    const alone = wrapped(new MongoWriteConcernError({ ok: 1, ...concern(64) } as never))
    expect(shortOf(alone, 2)).toEqual(['transient', 'transient'])
  })

  const connections: readonly (readonly [string, Error])[] = [
    ['a connection that was lost', new MongoNetworkError('closed')],
    ['an answer that did not come', new MongoNetworkTimeoutError('timed out')],
    ['no server that can be written', new MongoServerSelectionError('none', {} as never)],
    [
      'a primary that is none any more',
      new MongoServerError({ errmsg: 'not primary', code: 10_107 }),
    ],
    ['a password that was changed', new MongoServerError({ errmsg: 'unauthorized', code: 13 })],
    ['what nobody has heard of', new Error('unknown')],
  ]
  test.each(connections)('because of %s leaves all to be tried again', (_title, error) => {
    expect(shortOf(error, 3)).toEqual(['transient', 'transient', 'transient'])
    expect(shortOf(wrapped(error), 3)).toEqual(['transient', 'transient', 'transient'])
    expect(verdictsOf(error, 1)).toEqual([{ kind: 'failed', error, retry: 'transient' }])
  })

  const spoilt: readonly (readonly [string, unknown])[] = [
    ['a value without a form', new BSON.BSONError('Cannot convert circular structure to BSON')],
    [
      'a document too large for the driver',
      new MongoInvalidArgumentError('larger than the maximum'),
    ],
    ['one too large for the server', new MongoServerError({ errmsg: 'too large', code: 10_334 })],
    ['a getter that throws', new TypeError('no such thing')],
  ]
  test.each(spoilt)('because of %s is of one write that is to be found', (_title, error) => {
    expect(verdictsOf(error, 2)).toBeUndefined()
    expect(verdictsOf(error, 1)).toEqual([{ kind: 'failed', error, retry: 'permanent' }])
  })

  test('of the driver that is wrapped is known all the same', () => {
    expect(verdictsOf(wrapped(new BSON.BSONError('no form')), 2)).toBeUndefined()
  })
})
