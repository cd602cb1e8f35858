import { ArgumentError } from '../contracts/errors.ts'

/** Tags as bytes: how many there are, then for each its length and its UTF-8, as u16 little-endian. */
export function packTags(tags: readonly string[]): Uint8Array {
  if (tags.length === 0) return NONE
  const texts = tags.map((tag) => Buffer.from(tag, 'utf8'))
  const size = texts.reduce((sum, text) => sum + 2 + text.length, 2)
  if (tags.length > MAX || texts.some(({ length }) => length > MAX)) {
    throw new ArgumentError({
      field: 'tags',
      expected: `at most ${MAX} tags of at most ${MAX} bytes`,
      actual: tags,
    })
  }
  const bytes = Buffer.allocUnsafe(size)
  let at = bytes.writeUInt16LE(tags.length, 0)
  for (const text of texts) {
    at = bytes.writeUInt16LE(text.length, at)
    at += text.copy(bytes, at)
  }
  return bytes
}

const MAX = 0xffff
const NONE: Uint8Array = Uint8Array.of(0, 0)
