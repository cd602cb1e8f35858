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
  const isPending = ((bytes[3] as number) & ~3) === DIRTY
  const entry = bytes[3] === VALUE || isPending ? readValue(bytes, epoch) : undefined
  return entry === undefined ? { kind: 'corrupt' } : { kind: 'value', entry }
}

const LAYOUT = 1
const VALUE = 1
const INTENT = 2
/** A write that waits for the source; its last two bits are its state. */
const DIRTY = 16
/** What stands between the tags of such a write and those that it removes. */
const QUEUED_BYTES = 35
/** Where the epoch's length stands: after the head and five numbers. */
const EPOCH = 44

function readValue(bytes: Uint8Array, likely: string | undefined): SharedEntry | undefined {
  if (bytes.length <= EPOCH) return undefined
  const view = viewOf(bytes)
  const start = bytes.byteOffset
  const end = start + bytes.length
  const tagsAt = start + EPOCH + 1 + view.getUint8(start + EPOCH)
  const isPending = bytes[3] !== VALUE
  const afterTags = skipTags(view, tagsAt, end)
  const envelopeAt =
    isPending && afterTags !== undefined ? skipTags(view, afterTags + QUEUED_BYTES, end) : afterTags
  const stamp = view.getFloat64(start + 4, true)
  const storedAt = view.getFloat64(start + 12, true)
  const freshUntil = view.getFloat64(start + 20, true)
  const graceUntil = view.getFloat64(start + 28, true)
  const readAt = view.getFloat64(start + 36, true)
  if (envelopeAt === undefined || Number.isNaN(stamp + storedAt)) return undefined
  if (Number.isNaN(freshUntil) || Number.isNaN(graceUntil)) return undefined
  const epoch = readEpoch(bytes, tagsAt - start, likely)
  // A `subarray` of a Buffer is another Buffer, which takes longer to make.
  const envelope = new Uint8Array(bytes.buffer, envelopeAt, end - envelopeAt)
  const entry = { epoch, stamp, storedAt, freshUntil, graceUntil, envelope, readAt }
  return isPending ? { ...entry, pending: true } : entry
}

/** Larger memory is not held on to. */
const KEPT_BYTES = 1 << 20
let kept: DataView = new DataView(new ArrayBuffer(0))

/**
 * The readers of a view are a fraction of what those of a Buffer take. What has come over a connection
 * together is one piece of memory, of which one view serves many entries.
 */
function viewOf({ buffer }: Uint8Array): DataView {
  if (kept.buffer === buffer) return kept
  const view = new DataView(buffer)
  if (buffer.byteLength <= KEPT_BYTES) kept = view
  return view
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
function skipTags(view: DataView, start: number, end: number): number | undefined {
  if (start + 2 > end) return undefined
  let at = start + 2
  for (let left = view.getUint16(start, true); left > 0; left -= 1) {
    if (at + 2 > end) return undefined
    at += 2 + view.getUint16(at, true)
  }
  return at <= end ? at : undefined
}
