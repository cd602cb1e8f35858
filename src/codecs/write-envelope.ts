/** Lays an envelope out as bytes. Called by `envelope-format.ts`; `read-envelope.ts` is its mirror. */

import { CodecError } from '../contracts/errors.ts'
import type { EnvelopeFrame } from './envelope-frame.ts'
import { utf8Writer } from './utf8-writer.ts'
import { WIRE } from './wire-layout.ts'
import { xxh32 } from './xxh32.ts'

/** Keeps nothing between calls, so all may share it. */
const toUtf8 = utf8Writer()

/**
 * The bytes of one envelope, in memory of their own.
 *
 * @throws CodecError for a number or a tag that reading would refuse.
 */
export function writeEnvelope(frame: EnvelopeFrame, seed: number): Uint8Array {
  const { head, payload, compressed } = frame
  if (payload.length > WIRE.payloadLengthMax) {
    throw new CodecError(`A value of ${payload.length} bytes is too large; keep it under 4 GiB.`)
  }
  const numbers = numbersOf(frame)
  const tags = tagBytes(head.tags)
  const etag = head.etag === undefined ? undefined : textBytes(head.etag, 'etag')
  const etagLength = etag === undefined ? 0 : 2 + etag.length
  const bytes = new Uint8Array(lengthOf(frame, numbers, tags) + etagLength)
  const view = new DataView(bytes.buffer)

  bytes[0] = WIRE.magic[0]
  bytes[1] = WIRE.magic[1]
  bytes[WIRE.versionAt] = WIRE.version
  bytes[WIRE.flagsAt] =
    (head.kind === 'absent' ? WIRE.absentFlag : 0) |
    (head.renewal === 'sliding' ? WIRE.slidingFlag : 0) |
    (WIRE.priorities.indexOf(head.priority) << WIRE.priorityShift)
  bytes[WIRE.codecAt] = frame.codecId
  bytes[WIRE.compressorAt] = compressed?.compressorId ?? 0

  let fields = (tags.length > 0 ? WIRE.tagsField : 0) | (etag === undefined ? 0 : WIRE.etagField)
  let offset: number = WIRE.numbersAt
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] as number
    if (number === WIRE.omitted[i]) continue
    fields |= 1 << i
    view.setFloat64(offset, number, true)
    offset += 8
  }
  bytes[WIRE.fieldsAt] = fields

  if (tags.length > 0) offset = writeTags(bytes, view, offset, tags)
  if (etag !== undefined) {
    view.setUint16(offset, etag.length, true)
    bytes.set(etag, offset + 2)
    offset += etagLength
  }
  if (compressed !== undefined) {
    view.setUint32(offset, compressed.inflatedBytes, true)
    offset += 4
  }
  view.setUint32(offset, payload.length, true)
  bytes.set(payload, offset + 4)
  offset += 4 + payload.length
  view.setUint32(offset, xxh32(view, 0, offset, seed), true)
  return bytes
}

function numbersOf({ head }: EnvelopeFrame): number[] {
  const { schemaVersion, ttlMs, expiresAt, graceMs, loadMs, size } = head
  const numbers = [schemaVersion, ttlMs, expiresAt, graceMs, loadMs ?? 0, size]
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i] as number
    if (number >= 0 || (i === WIRE.expiresAtIndex && number < 0)) continue
    throw new CodecError(`Expected \`${WIRE.numbers[i]}\` to be 0 or more, got ${number}.`)
  }
  if (loadMs === undefined) numbers[WIRE.loadMsIndex] = WIRE.omitted[WIRE.loadMsIndex] as number
  return numbers
}

function tagBytes(tags: readonly string[]): readonly Uint8Array[] {
  if (tags.length === 0) return []
  if (tags.length > WIRE.tagsMax) {
    throw new CodecError(`Expected at most ${WIRE.tagsMax} tags, got ${tags.length}.`)
  }
  return tags.map((tag) => textBytes(tag, 'tags'))
}

/** @throws CodecError */
function textBytes(text: string, what: string): Uint8Array {
  // UTF-8 has no bytes for a lone surrogate: it would come back as another text.
  const bytes = text.isWellFormed() ? toUtf8(text) : undefined
  if (bytes !== undefined && bytes.length <= WIRE.tagLengthMax) return bytes
  throw new CodecError(
    `Expected \`${what}\` to be well-formed text of at most ${WIRE.tagLengthMax} bytes, got ${JSON.stringify(text.slice(0, 60))}.`,
  )
}

function lengthOf(
  frame: EnvelopeFrame,
  numbers: readonly number[],
  tags: readonly Uint8Array[],
): number {
  let length = WIRE.lengthMin + frame.payload.length + (frame.compressed === undefined ? 0 : 4)
  for (let i = 0; i < numbers.length; i++) if (numbers[i] !== WIRE.omitted[i]) length += 8
  if (tags.length > 0) length += 2
  for (const tag of tags) length += 2 + tag.length
  return length
}

function writeTags(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  tags: readonly Uint8Array[],
): number {
  view.setUint16(start, tags.length, true)
  let offset = start + 2
  for (const tag of tags) {
    view.setUint16(offset, tag.length, true)
    bytes.set(tag, offset + 2)
    offset += 2 + tag.length
  }
  return offset
}
