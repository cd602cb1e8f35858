import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packTags } from './pack-tags.ts'
import { readEntry } from './read-entry.ts'

interface Parts {
  readonly numbers: readonly number[]
  readonly epoch: string
  readonly tags: readonly string[]
  readonly envelope: Uint8Array
}

function stored({ numbers, epoch, tags, envelope }: Parts): Buffer {
  const doubles = numbers.map((number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(number)
    return bytes
  })
  const head = Buffer.of(0xf7, 0x65, 1, 1)
  const name = Buffer.from(epoch)
  return Buffer.concat([head, ...doubles, Buffer.of(name.length), name, packTags(tags), envelope])
}

const whole: Parts = {
  numbers: [1_700_000_000_000_001, 10, 20, Number.POSITIVE_INFINITY, 15],
  epoch: 'epoch',
  tags: ['red', 'größe', ''],
  envelope: Uint8Array.of(1, 2, 3),
}

describe('the bytes of an entry', () => {
  test('are taken apart, and the envelope is what is left', () => {
    const read = readEntry(stored(whole))
    expect(read).toEqual({
      kind: 'value',
      entry: {
        stamp: 1_700_000_000_000_001,
        storedAt: 10,
        freshUntil: 20,
        graceUntil: Number.POSITIVE_INFINITY,
        readAt: 15,
        epoch: 'epoch',
        envelope: Uint8Array.of(1, 2, 3),
      },
    })
  })

  test('that are cut off are no entry, wherever they are cut', () => {
    const bytes = stored({ ...whole, envelope: new Uint8Array() })
    for (let length = 0; length < bytes.length; length += 1) {
      expect(readEntry(bytes.subarray(0, length)), `${length} bytes`).toEqual({ kind: 'corrupt' })
    }
    expect(readEntry(bytes).kind).toBe('value')
  })

  test('of a later layout are told apart from broken ones', () => {
    expect(readEntry(Buffer.of(0xf7, 0x65, 2, 1))).toEqual({ kind: 'newer' })
    expect(readEntry(Buffer.of(0xf7, 0x65, 1, 2))).toEqual({ kind: 'intent' })
    expect(readEntry(Buffer.of(0xf7, 0x65, 1, 9))).toEqual({ kind: 'corrupt' })
    expect(readEntry(Buffer.from('{"json":1}'))).toEqual({ kind: 'corrupt' })
  })

  test.each([0, 1, 2, 3])('with a number %i that is none are no entry', (at) => {
    const numbers = whole.numbers.with(at, Number.NaN)
    expect(readEntry(stored({ ...whole, numbers }))).toEqual({ kind: 'corrupt' })
  })

  test('never throw, whatever they are', () => {
    const head = fc.constantFrom([0xf7, 0x65, 1, 1], [0xf7, 0x65, 1, 2], [0xf7], [])
    fc.assert(
      fc.property(head, fc.uint8Array({ maxLength: 80 }), (start, rest) => {
        expect(readEntry(Uint8Array.of(...start, ...rest)).kind).toMatch(
          /value|intent|newer|corrupt/,
        )
      }),
      { numRuns: 5_000 },
    )
  })
})
