/** Bytes of a write that waits, as whoever carries it out takes them apart: `docs/wire-format.md`, Redis. */

import type { WaitingWrite, WriteKind } from '../contracts/pending-steps.ts'
import { readEntry } from './read-entry.ts'

/** What the bytes say; its key stands beside them. */
export type ReadPending = Pick<
  WaitingWrite,
  | 'kind'
  | 'epoch'
  | 'version'
  | 'envelope'
  | 'removes'
  | 'attempts'
  | 'ttlMs'
  | 'graceMs'
  | 'tags'
  | 'taken'
> & { readonly storedAt: number }

const KINDS: readonly WriteKind[] = ['create', 'put', 'remove']
/** Where the epoch's length stands. */
const EPOCH = 44
/** From the kind of the write to the tags that it removes. */
const TO_REMOVES = 35
/** From there to its life. */
const TTL = 19
/** A bit of the kind of the entry. */
const TAKEN = 1

/** `undefined`: nobody here has written them. `likelyEpoch`: the one that is most likely. */
export function readPending(bytes: Uint8Array, likelyEpoch?: string): ReadPending | undefined {
  const read = readEntry(bytes, likelyEpoch)
  if (read.kind !== 'value' || read.entry.pending !== true) return undefined
  const { epoch, stamp: version, storedAt, envelope } = read.entry
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  // `readEntry` has seen that all of it is there.
  const [tags, at] = tagsAt(view, EPOCH + 1 + view.getUint8(EPOCH))
  const kind = KINDS[view.getUint8(at)]
  const [removes] = tagsAt(view, at + TO_REMOVES)
  if (kind === undefined) return undefined
  const attempts = view.getUint16(at + 1, true)
  const ttlMs = view.getFloat64(at + TTL, true)
  const graceMs = view.getFloat64(at + TTL + 8, true)
  const life = { ttlMs, graceMs, tags, taken: ((bytes[3] ?? 0) & TAKEN) !== 0 }
  return { kind, epoch, version, storedAt, envelope, removes, attempts, ...life }
}

function tagsAt(view: DataView, start: number): readonly [readonly string[], number] {
  const tags: string[] = []
  let at = start + 2
  for (let left = view.getUint16(start, true); left > 0; left -= 1) {
    const length = view.getUint16(at, true)
    const bytes = new Uint8Array(view.buffer, view.byteOffset + at + 2, length)
    tags.push(new TextDecoder().decode(bytes))
    at += 2 + length
  }
  return [tags, at]
}
