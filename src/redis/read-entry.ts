/**
 * Bytes of an entry as the reader takes them apart: `docs/wire-format.md`, Redis.
 *
 * Never throws, whatever the bytes are. The envelope is not copied.
 */

import type { SharedEntry } from '../contracts/shared-tier.ts'

/** `intent`: the key is being written. `newer`: of a later release. `corrupt`: of nobody's. */
export type StoredEntry =
  | { readonly kind: 'value'; readonly entry: SharedEntry }
  | { readonly kind: 'intent' | 'newer' | 'corrupt' }

export function readEntry(bytes: Uint8Array): StoredEntry {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < 4 || view[0] !== 0xf7 || view[1] !== 0x65) return { kind: 'corrupt' }
  if (view[2] !== LAYOUT) return { kind: 'newer' }
  if (view[3] === INTENT) return { kind: 'intent' }
  const entry = view[3] === VALUE ? readValue(view) : undefined
  return entry === undefined ? { kind: 'corrupt' } : { kind: 'value', entry }
}

const LAYOUT = 1
const VALUE = 1
const INTENT = 2
/** Where the epoch's length stands: after the head and four numbers. */
const EPOCH = 36

function readValue(view: Buffer): SharedEntry | undefined {
  if (view.length <= EPOCH) return undefined
  const tagsAt = EPOCH + 1 + (view[EPOCH] as number)
  const envelopeAt = skipTags(view, tagsAt)
  const [stamp, storedAt, freshUntil, graceUntil] = [4, 12, 20, 28].map((at) =>
    view.readDoubleLE(at),
  ) as [number, number, number, number]
  if (envelopeAt === undefined || Number.isNaN(stamp + storedAt)) return undefined
  if (Number.isNaN(freshUntil) || Number.isNaN(graceUntil)) return undefined
  const epoch = view.toString('utf8', EPOCH + 1, tagsAt)
  return { epoch, stamp, storedAt, freshUntil, graceUntil, envelope: view.subarray(envelopeAt) }
}

/** Where the envelope begins; `undefined`: beyond the end. */
function skipTags(view: Buffer, start: number): number | undefined {
  if (start + 2 > view.length) return undefined
  let at = start + 2
  for (let left = view.readUInt16LE(start); left > 0; left -= 1) {
    if (at + 2 > view.length) return undefined
    at += 2 + view.readUInt16LE(at)
  }
  return at <= view.length ? at : undefined
}
