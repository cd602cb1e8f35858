import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArgumentError } from '../contracts/errors.ts'
import { readWriteId, writeId } from './write-id.ts'

const epoch = 'abcdefghijklmnop'

/** As in a URL, with `!` for `%`. */
function spelled(id: string): string {
  return encodeURIComponent(id).replaceAll('!', '%21').replaceAll('%', '!')
}

describe('the id of a write', () => {
  test('has its key spelled one way, whatever is in it', () => {
    const every = Array.from({ length: 0x180 }, (_, unit) => String.fromCharCode(unit))
    for (const letter of every) {
      const id = `thing:s1:a${letter}:b`
      expect(writeId({ id, epoch, version: 36 })).toBe(`1~${epoch}.10~${spelled(id)}`)
    }
  })

  test('is read back as what it was made of', () => {
    const ids = fc.string({ unit: 'binary', minLength: 1 }).filter((id) => id.isWellFormed())
    const versions = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(ids, versions, (id, version) => {
        const made = { id, epoch, version }
        expect(readWriteId(writeId(made))).toEqual(made)
      }),
    )
  })

  test.each(['', '1~a.1~', '1~a.~b', '2~a.1~b', '1~a.1~!zz', 7])('is none: %j', (text) => {
    expect(() => readWriteId(text)).toThrow(ArgumentError)
  })
})
