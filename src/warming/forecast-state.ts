/**
 * What a forecaster has learned, as bytes that survive the process. Called by `forecaster.ts`.
 *
 * They begin with a version and a checksum. Bytes of another version, or damaged ones, are no error:
 * a forecaster learns all of it again within days.
 */

import type { JudgeState } from './forecast-judge.ts'
import { StateReader, StateWriter } from './state-bytes.ts'
import type { SavedRow, SavedViews } from './week-views.ts'

export interface ForecastState {
  readonly judge: JudgeState
  readonly views: SavedViews
}

const VERSION = 1
/** The version, and four bytes of checksum. */
const HEAD_BYTES = 5
const HOURS_A_WEEK = 168
/** Steps to a doubling of 1 + root: a restored root is off by 2 % at most. */
const STEPS = 16
const MIX_MAX = 1024

/** Leaves out the rows that no longer fit into `bytesMax`. */
export function encodeState({ judge, views }: ForecastState, bytesMax: number): Uint8Array {
  const writer = new StateWriter()
  for (let at = 0; at < HEAD_BYTES; at += 1) writer.byte(at === 0 ? VERSION : 0)
  writer.byte(judge.on ? 1 : 0)
  writer.whole(judge.hours)
  for (const average of judge.averages) writer.number(average)
  writer.whole(views.lastHour)
  writer.whole(views.firstHour)
  writer.number(views.hoursWeighed)
  writer.whole(views.mix.length)
  for (const number of views.mix) writer.number(number)
  let end = writer.length
  for (const row of views.rows) {
    writeRow(writer, row, views.lastHour)
    if (writer.length > bytesMax) break
    end = writer.length
  }
  const bytes = writer.taken(end).slice()
  new DataView(bytes.buffer).setUint32(1, checksum(bytes))
  return bytes
}

/** `undefined` if the bytes are not a state of this version. */
export function decodeState(bytes: Uint8Array): ForecastState | undefined {
  if (bytes.length < HEAD_BYTES || bytes[0] !== VERSION) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(1) !== checksum(bytes)) return undefined
  try {
    return readState(new StateReader(bytes.subarray(HEAD_BYTES)), bytes.length - HEAD_BYTES)
  } catch {
    return undefined
  }
}

function readState(reader: StateReader, length: number): ForecastState {
  const on = reader.byte() === 1
  const hours = reader.whole()
  const averages = [reader.number(), reader.number(), reader.number()] as const
  const lastHour = reader.whole()
  const firstHour = reader.whole()
  const hoursWeighed = reader.number()
  const mixLength = reader.whole()
  if (mixLength > MIX_MAX) throw new RangeError('Expected fewer weights.')
  const mix = Float64Array.from({ length: mixLength }, () => reader.number())
  const rows: SavedRow[] = []
  while (reader.at < length) rows.push(readRow(reader, lastHour))
  return { judge: { on, hours, averages }, views: { lastHour, firstHour, hoursWeighed, mix, rows } }
}

/** Hours without a read, which are most of them, are told by how many there are in a row. */
function writeRow(writer: StateWriter, row: SavedRow, lastHour: number): void {
  writer.key(row.key)
  writer.number(row.reads)
  writer.whole(Math.max(0, lastHour - row.since))
  let silent = 0
  for (const root of row.roots) {
    const step = Math.min(0xff, Math.round(STEPS * Math.log2(1 + root)))
    if (step === 0) {
      silent += 1
      continue
    }
    if (silent > 0) {
      writer.byte(0)
      writer.byte(silent)
      silent = 0
    }
    writer.byte(step)
  }
  if (silent > 0) {
    writer.byte(0)
    writer.byte(silent)
  }
}

function readRow(reader: StateReader, lastHour: number): SavedRow {
  const key = reader.key()
  const reads = reader.number()
  const since = lastHour - reader.whole()
  const roots: number[] = []
  while (roots.length < HOURS_A_WEEK) {
    const step = reader.byte()
    if (step > 0) roots.push(2 ** (step / STEPS) - 1)
    else for (let silent = reader.byte(); silent > 0; silent -= 1) roots.push(0)
  }
  if (roots.length > HOURS_A_WEEK) throw new RangeError('Expected a week.')
  return { key, reads, since, roots }
}

/** FNV-1a over all bytes but the checksum's own. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < bytes.length; at += 1) {
    if (at >= 1 && at < HEAD_BYTES) continue
    hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  }
  return hash >>> 0
}
