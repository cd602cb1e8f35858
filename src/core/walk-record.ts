/**
 * How far the removal of old versions has come, kept in the shared tier: whoever goes on after an instance
 * that died, or was closed, begins where it was.
 *
 * The record is a hint, not a truth: without it the walk begins again, which costs time and nothing else.
 */

import type { SharedEntry, SharedKey } from '../contracts/shared-tier.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import type { Engine, SharedParts } from './engine.ts'

export interface WalkRecord {
  /** Versions below this one are removed. */
  readonly below: number
  /** `undefined`: at the beginning, or at the end. */
  readonly cursor: string | undefined
  readonly done: boolean
  readonly scanned: number
  readonly removed: number
  readonly newer: number
}

/** No collection of a user's has this name. */
const COLLECTION = '!old-versions'
/** Of one that was interrupted: much may have moved since. */
const RESUMED_MS = 3_600_000
/** Of one that came to its end: who starts within it need not walk again. */
const DONE_MS = 86_400_000
/** A cursor may hold keys; one that holds more of them is not worth its room. */
const MAX_LENGTH = 100_000

/** What was kept for versions below `below`, if anything can be read there. */
export async function readWalk(
  { access }: SharedParts,
  collection: string,
  below: number,
): Promise<WalkRecord | undefined> {
  const reading = await access.read(recordKey(collection))
  if (reading?.entry === undefined || reading.serverNow >= reading.entry.freshUntil)
    return undefined
  const record = parse(reading.entry)
  return record?.below === below ? record : undefined
}

/**
 * Kept as what was loaded is, not as what was set: that it changes concerns nobody, and is not told. Never
 * rejects.
 */
export async function keepWalk(
  { random }: Engine,
  { access }: SharedParts,
  collection: string,
  record: WalkRecord,
): Promise<void> {
  const text = JSON.stringify(record)
  if (text.length > MAX_LENGTH) return
  const key = recordKey(collection)
  const token = random.id()
  const claim = await access.claim({ ...key, token, leftMs: Number.POSITIVE_INFINITY })
  if (claim?.kind !== 'granted') return
  const { grant, epoch } = claim
  const ttlMs = record.done ? DONE_MS : RESUMED_MS
  const life = { ttlMs, graceMs: 0, tags: [] }
  await access.fill({ ...key, ...life, envelope: bytesOf(text), token, grant, epoch })
}

function recordKey(collection: string): SharedKey {
  return encodeKey(COLLECTION, collection)
}

/** Two bytes a unit: text as core can write it. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 2)
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    bytes[2 * at] = unit & 0xff
    bytes[2 * at + 1] = unit >> 8
  }
  return bytes
}

/** `undefined`: of another release, or of nobody's. */
function parse({ envelope }: SharedEntry): WalkRecord | undefined {
  let text = ''
  for (let at = 0; at + 1 < envelope.length; at += 2) {
    text += String.fromCharCode((envelope[at] ?? 0) | ((envelope[at + 1] ?? 0) << 8))
  }
  try {
    const record = JSON.parse(text) as WalkRecord
    const { below, scanned, removed, newer, cursor, done } = record
    const counts = [below, scanned, removed, newer].every((one) => Number.isSafeInteger(one))
    const goesOn = cursor === undefined || typeof cursor === 'string'
    return counts && goesOn && typeof done === 'boolean' ? record : undefined
  } catch {
    return undefined
  }
}
