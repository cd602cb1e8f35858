/**
 * Takes an envelope apart, trusting none of its bytes: whoever can write into the shared tier can
 * make the checksum right as well, so every length is compared with what is there before it is used.
 *
 * Called by `envelope-format.ts`; `write-envelope.ts` is its mirror.
 */

import type { EnvelopeContent, UndecodableReason } from '../contracts/codec.ts'
import { CodecError } from '../contracts/errors.ts'
import type { CompressedPayload, EnvelopeFrame } from './envelope-frame.ts'
import { WIRE } from './wire-layout.ts'
import { xxh32 } from './xxh32.ts'

/** Keeps nothing between calls, so all may share it. A byte order mark is a character like any other. */
const UTF_8 = new TextDecoder('utf-8', { ignoreBOM: true })

export type ReadFrame =
  | { readonly ok: true; readonly frame: ReadEnvelope }
  | { readonly ok: false; readonly reason: UndecodableReason; readonly error: unknown }

/** `head` is the content, but for its value, which whoever decodes it puts there. */
export interface ReadEnvelope extends EnvelopeFrame {
  readonly head: Omit<EnvelopeContent, 'value'> & { value: unknown }
}

/** Copies nothing: the payload is a view of `bytes`. */
export function readEnvelope(bytes: Uint8Array, seed: number): ReadFrame {
  if (bytes[0] !== WIRE.magic[0] || bytes[1] !== WIRE.magic[1]) {
    return corrupt('The bytes are not an envelope.')
  }
  const version = bytes[WIRE.versionAt]
  // Only magic and version have their places in every version, so nothing else is looked at here.
  if (version !== undefined && version > WIRE.version) return foreignVersion(version)
  if (version !== WIRE.version || bytes.length < WIRE.lengthMin) {
    return corrupt('The envelope is cut off, or of no known version.')
  }
  const view = viewOf(bytes)
  const start = bytes.byteOffset
  const end = start + bytes.length - WIRE.checksumLength
  if (view.getUint32(end, true) !== xxh32(view, start, end, seed)) {
    return corrupt('The checksum is wrong: damaged bytes, or the envelope of another key.')
  }
  return readFrame(bytes, { view, start, end })
}

/** Of all the memory that `bytes` is a part of; what they say ends before the checksum. */
interface Framed {
  readonly view: DataView
  readonly start: number
  readonly end: number
}

/** Larger memory is not held on to. */
const KEPT_BYTES = 1 << 20
let kept: DataView = new DataView(new ArrayBuffer(0))

/** What has come over a connection together is one piece of memory: a view of it serves many envelopes. */
function viewOf({ buffer }: Uint8Array): DataView {
  if (kept.buffer === buffer) return kept
  const view = new DataView(buffer)
  if (buffer.byteLength <= KEPT_BYTES) kept = view
  return view
}

function readFrame(bytes: Uint8Array, framed: Framed): ReadFrame {
  const { view, start, end } = framed
  const flags = view.getUint8(start + WIRE.flagsAt)
  const fields = view.getUint8(start + WIRE.fieldsAt)
  if (flags > WIRE.flagsMax || fields > WIRE.fieldsMax) {
    return corrupt('The envelope has flags that its version does not know.')
  }
  const numbers = readNumbers(framed, fields)
  if (numbers === undefined) return corrupt('The envelope has a number that cannot be.')
  const tagsAt = start + WIRE.numbersAt + 8 * countOf(fields)
  const tags = (fields & WIRE.tagsField) === 0 ? NO_TAGS : readTags(bytes, framed, tagsAt)
  if (tags === undefined) return corrupt('The tags of the envelope are longer than it is.')

  const etag =
    (fields & WIRE.etagField) === 0 ? NO_ETAG : readEtag(bytes, framed, tagsAt + tags.length)
  if (etag === undefined) return corrupt('The etag of the envelope is longer than it is.')

  const afterTags = tagsAt + tags.length + etag.length
  const compressorId = view.getUint8(start + WIRE.compressorAt)
  const payloadAt = afterTags + (compressorId === 0 ? 4 : 8)
  if (payloadAt > end || view.getUint32(payloadAt - 4, true) !== end - payloadAt) {
    return corrupt('The payload has another length than the envelope says.')
  }
  const compressed: CompressedPayload | undefined =
    compressorId === 0
      ? undefined
      : { compressorId, inflatedBytes: view.getUint32(afterTags, true) }
  const codecId = view.getUint8(start + WIRE.codecAt)
  const head = headOf(flags, numbers, { tags: tags.tags, etag: etag.etag })
  if (head.kind === 'absent' && (codecId !== 0 || compressorId !== 0 || payloadAt !== end)) {
    return corrupt('An envelope of "not found" carries a value.')
  }
  // A `subarray` of a Buffer is another Buffer, which takes longer to make.
  const payload = new Uint8Array(bytes.buffer, payloadAt, end - payloadAt)
  return { ok: true, frame: { head, codecId, payload, compressed } }
}

function headOf(
  flags: number,
  numbers: readonly number[],
  { tags, etag }: Pick<EnvelopeContent, 'tags' | 'etag'>,
): ReadEnvelope['head'] {
  const [schemaVersion, ttlMs, expiresAt, graceMs, loadMs, size] = numbers as NumberFields
  return {
    kind: (flags & WIRE.absentFlag) === 0 ? 'value' : 'absent',
    value: undefined,
    schemaVersion,
    ttlMs,
    renewal: (flags & WIRE.slidingFlag) === 0 ? 'fixed' : 'sliding',
    expiresAt,
    graceMs,
    loadMs: loadMs === WIRE.omitted[WIRE.loadMsIndex] ? undefined : loadMs,
    etag,
    tags,
    size,
    // Two bits name four priorities, so there is always one.
    priority: WIRE.priorities[(flags >> WIRE.priorityShift) & 3] ?? 'normal',
  }
}

type NumberFields = readonly [number, number, number, number, number, number]

function countOf(fields: number): number {
  let count = 0
  for (let i = 0; i < WIRE.omitted.length; i++) count += (fields >> i) & 1
  return count
}

function readNumbers({ view, start, end }: Framed, fields: number): number[] | undefined {
  let offset = start + WIRE.numbersAt
  if (offset + 8 * countOf(fields) > end) return undefined
  const numbers: number[] = []
  for (let i = 0; i < WIRE.omitted.length; i++) {
    if (((fields >> i) & 1) === 0) {
      numbers.push(WIRE.omitted[i] as number)
      continue
    }
    const number = view.getFloat64(offset, true)
    if (!(number >= 0 || (i === WIRE.expiresAtIndex && number < 0))) return undefined
    numbers.push(number)
    offset += 8
  }
  return numbers
}

interface ReadTags {
  readonly tags: readonly string[]
  /** In bytes, with their count. */
  readonly length: number
}

const NO_TAGS: ReadTags = { tags: [], length: 0 }

function readTags({ buffer }: Uint8Array, { view, end }: Framed, at: number): ReadTags | undefined {
  if (at + 2 > end) return undefined
  const count = view.getUint16(at, true)
  const tags: string[] = []
  let offset = at + 2
  for (let i = 0; i < count; i++) {
    if (offset + 2 > end) return undefined
    const length = view.getUint16(offset, true)
    const next = offset + 2 + length
    if (next > end) return undefined
    tags.push(UTF_8.decode(new Uint8Array(buffer, offset + 2, length)))
    offset = next
  }
  return { tags, length: offset - at }
}

interface ReadEtag {
  readonly etag: string | undefined
  /** In bytes, with its own length. */
  readonly length: number
}

const NO_ETAG: ReadEtag = { etag: undefined, length: 0 }

function readEtag({ buffer }: Uint8Array, { view, end }: Framed, at: number): ReadEtag | undefined {
  if (at + 2 > end) return undefined
  const length = view.getUint16(at, true)
  if (at + 2 + length > end) return undefined
  return { etag: UTF_8.decode(new Uint8Array(buffer, at + 2, length)), length: 2 + length }
}

function corrupt(message: string): ReadFrame {
  return { ok: false, reason: 'corrupt', error: new CodecError(message) }
}

function foreignVersion(version: number): ReadFrame {
  return {
    ok: false,
    reason: 'version',
    error: new CodecError(
      `The envelope is of format version ${version}; this release reads up to ${WIRE.version}.`,
    ),
  }
}
