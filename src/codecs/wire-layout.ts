/**
 * The places and numbers of envelope version 1, byte by byte in `docs/wire-format.md`.
 *
 * Read by `write-envelope.ts` and `read-envelope.ts`. A released number never changes its meaning:
 * what must differ gets another version.
 */

import type { EnvelopeContent, Priority } from '../contracts/codec.ts'

interface WireLayout {
  /** Not the beginning of any UTF-8 text, so no JSON and no plain string is taken for an envelope. */
  readonly magic: readonly [number, number]
  readonly version: number
  readonly versionAt: number
  readonly flagsAt: number
  readonly fieldsAt: number
  readonly codecAt: number
  readonly compressorAt: number
  readonly numbersAt: number
  /** Magic to compressor, the payload's length, the checksum: no envelope is shorter. */
  readonly lengthMin: number
  readonly checksumLength: number
  readonly absentFlag: number
  readonly slidingFlag: number
  readonly priorityShift: number
  /** A flag above these belongs to a version that does not exist yet. */
  readonly flagsMax: number
  readonly tagsField: number
  readonly etagField: number
  readonly fieldsMax: number
  readonly priorities: readonly Priority[]
  /** In their order; the index of each is the bit of the field byte that says it is there. */
  readonly numbers: readonly (keyof EnvelopeContent)[]
  /** What each number is where its bit is not set. -1: not known, which no number can be. */
  readonly omitted: readonly number[]
  /** Index of the one number that may be negative: a moment before 1970. */
  readonly expiresAtIndex: number
  readonly loadMsIndex: number
  readonly payloadLengthMax: number
  readonly tagsMax: number
  readonly tagLengthMax: number
}

export const WIRE: WireLayout = {
  magic: [0xf7, 0x54],
  version: 1,
  versionAt: 2,
  flagsAt: 3,
  fieldsAt: 4,
  codecAt: 5,
  compressorAt: 6,
  numbersAt: 7,
  lengthMin: 15,
  checksumLength: 4,
  absentFlag: 1,
  slidingFlag: 2,
  priorityShift: 2,
  flagsMax: 0x0f,
  tagsField: 64,
  etagField: 128,
  fieldsMax: 0xff,
  priorities: ['low', 'normal', 'high', 'never-remove'],
  numbers: ['schemaVersion', 'ttlMs', 'expiresAt', 'graceMs', 'loadMs', 'size'],
  omitted: [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, -1, 1],
  expiresAtIndex: 2,
  loadMsIndex: 4,
  payloadLengthMax: 0xffff_ffff,
  tagsMax: 0xffff,
  tagLengthMax: 0xffff,
}
