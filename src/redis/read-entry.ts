/**
 * Bytes of an entry as the reader takes them apart: `docs/wire-format.md`, Redis.
 *
 * Never throws, whatever the bytes are. The envelope is not copied. `epoch`: the one that is most
 * likely.
 */

import type { SharedEntry } from '../contracts/shared-tier.ts'

/** `intent`: the key is being written. `newer`: of a later release. `corrupt`: of nobody's. */
export type StoredEntry =
  | { readonly kind: 'value'; readonly entry: SharedEntry }
  | { readonly kind: 'intent' | 'newer' | 'corrupt' }

export function readEntry(bytes: Uint8Array, epoch?: string): StoredEntry {
  if (bytes.length < 4 || bytes[0] !== 0xf7 || bytes[1] !== 0x65) return { kind: 'corrupt' }
  if (bytes[2] !== LAYOUT) return { kind: 'newer' }
  if (bytes[3] === INTENT) return { kind: 'intent' }
  const entry = bytes[3] === VALUE ? readValue(bytes, epoch) : undefined
  return entry === undefined ? { kind: 'corrupt' } : { kind: 'value', entry }
}

const LAYOUT = 1
const VALUE = 1
const INTENT = 2
/** Where the epoch's length stands: after the head and four numbers. */
const EPOCH = 36

function readValue(bytes: Uint8Array, likely: string | undefined): SharedEntry | undefined {
  if (bytes.length <= EPOCH) return undefined
  // Its readers are a fraction of what those of a Buffer take.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tagsAt = EPOCH + 1 + (bytes[EPOCH] as number)
  const envelopeAt = skipTags(view, tagsAt)
  const stamp = view.getFloat64(4, true)
  const storedAt = view.getFloat64(12, true)
  const freshUntil = view.getFloat64(20, true)
  const graceUntil = view.getFloat64(28, true)
  if (envelopeAt === undefined || Number.isNaN(stamp + storedAt)) return undefined
  if (Number.isNaN(freshUntil) || Number.isNaN(graceUntil)) return undefined
  const epoch = readEpoch(bytes, tagsAt, likely)
  return { epoch, stamp, storedAt, freshUntil, graceUntil, envelope: bytes.subarray(envelopeAt) }
}

/** Nearly all entries are of the shard's own epoch, whose text is there already. */
function readEpoch(bytes: Uint8Array, end: number, likely: string | undefined): string {
  if (likely !== undefined && isEpoch(bytes, end, likely)) return likely
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'utf8',
    EPOCH + 1,
    end,
  )
}

/** Whether the bytes of the epoch are this text, in ASCII. */
function isEpoch(bytes: Uint8Array, end: number, text: string): boolean {
  if (text.length !== end - EPOCH - 1) return false
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit > 0x7f || bytes[EPOCH + 1 + at] !== unit) return false
  }
  return true
}

/** Where the envelope begins; `undefined`: beyond the end. */
function skipTags(view: DataView, start: number): number | undefined {
  if (start + 2 > view.byteLength) return undefined
  let at = start + 2
  for (let left = view.getUint16(start, true); left > 0; left -= 1) {
    if (at + 2 > view.byteLength) return undefined
    at += 2 + view.getUint16(at, true)
  }
  return at <= view.byteLength ? at : undefined
}
