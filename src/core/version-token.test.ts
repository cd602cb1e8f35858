import { describe, expect, test } from 'vitest'
import { ArgumentError } from '../contracts/errors.ts'
import { type Moment, parseVersion, readVersionToken, versionToken } from './version-token.ts'

const moment = (shard: number, sequence: number, epoch = 'e1'): Moment => ({
  shard,
  epoch,
  sequence,
})

describe('a version token', () => {
  test('that came from outside is taken, or taken for none', () => {
    const token = versionToken([moment(0, 7)])
    expect(parseVersion(token)).toBe(token)
    expect(parseVersion('1~source')).toBe('1~source')
    for (const text of [undefined, null, '', '2~x', '1~0.e.', 'x'.repeat(4_000), 7, ['1']]) {
      expect(parseVersion(text)).toBeUndefined()
    }
  })

  test('says again what it was made of', () => {
    const moments = [moment(0, 7), moment(3, 36 ** 4, 'Ab9')]
    const token = versionToken(moments)
    expect(token).toBe('1~0.e1.7~3.Ab9.10000')
    expect(readVersionToken(token)).toEqual({ kind: 'moments', moments })
  })

  test('keeps the highest number of each shard', () => {
    const token = versionToken([moment(0, 5), moment(1, 2), moment(0, 9), moment(0, 7)])
    expect(readVersionToken(token)).toEqual({
      kind: 'moments',
      moments: [moment(0, 9), moment(1, 2)],
    })
  })

  test('of a change that touched no shard asks nothing of a reader', () => {
    expect(readVersionToken(versionToken([]))).toEqual({ kind: 'moments', moments: [] })
  })

  test('of a change that nobody numbered sends readers to the source', () => {
    expect(versionToken(undefined)).toBe('1~source')
    expect(readVersionToken(versionToken(undefined))).toEqual({ kind: 'source' })
  })

  test('of a change that met two epochs of one shard sends readers to the source', () => {
    const token = versionToken([moment(0, 5), moment(0, 1, 'e2')])
    expect(readVersionToken(token)).toEqual({ kind: 'source' })
  })

  test('that would be too long for a cookie sends readers to the source', () => {
    const over = (shards: number): Moment[] =>
      Array.from({ length: shards }, (_, shard) => moment(shard, 1, 'e'.repeat(60)))
    expect(versionToken(over(46)).length).toBeLessThanOrEqual(3_072)
    expect(readVersionToken(versionToken(over(46)))).toMatchObject({ kind: 'moments' })
    expect(readVersionToken(versionToken(over(48)))).toEqual({ kind: 'source' })
  })
})

test.each<[string, unknown]>([
  ['no text', 7],
  ['another format', '2~0.e1.5'],
  ['empty text', ''],
  ['a part without a number', '1~0.e1'],
  ['a shard that is none', '1~x.e1.5'],
  ['an epoch with other signs', '1~0.e-1.5'],
  ['a number beyond what can be counted', '1~0.e1.zzzzzzzzzzzz'],
  ['a part too many', '1~0.e1.5~'],
  ['text beyond its bound', `1${'~0.e1.5'.repeat(500)}`],
])('%s is refused as a token', (_, token) => {
  expect(() => readVersionToken(token)).toThrow(ArgumentError)
  expect(() => readVersionToken(token)).toThrow('minVersion')
})
