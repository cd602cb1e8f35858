/**
 * What a forecaster has learned, as bytes that survive the process. Called by `forecaster.ts`.
 *
 * They begin with a version and a checksum. Bytes of another version, or damaged ones, are no error:
 * a forecaster learns all of it again within days.
 */

import type { JudgeState } from './forecast-judge.ts'
import { StateReader, StateWriter } from './state-bytes.ts'
import { HOURS_A_WEEK } from './week-rows.ts'
import type { SavedRow, SavedViews } from './week-views.ts'

export interface ForecastState {
  readonly judge: JudgeState
  readonly views: SavedViews
}

const VERSION = 1
/** The version, and four bytes of checksum. */
const HEAD_BYTES = 5
/** Steps to a doubling of 1 + cell: a restored cell is off by 2.5 % at most. */
const STEPS = 15
const CELLS = 65_536
const MIX_MAX = 1024

/** Rows that are written without a pause: about a millisecond of work. */
const ROWS_A_SLICE = 256

/** Leaves out the rows that no longer fit into `bytesMax`. Pauses now and then, to be gone on with. */
export function* encodeState(
  { judge, views }: ForecastState,
  bytesMax: number,
): Generator<undefined, Uint8Array> {
  const writer = new StateWriter()
  for (let at = 0; at < HEAD_BYTES; at += 1) writer.byte(at === 0 ? VERSION : 0)
  writer.byte(judge.on ? 1 : 0)
  writer.whole(judge.hours)
  for (const average of judge.averages) writer.number(average)
  writer.number(judge.weight)
  writer.whole(views.lastHour)
  writer.whole(views.firstHour)
  writer.number(views.hoursWeighed)
  writer.whole(views.mix.length)
  for (const number of views.mix) writer.number(number)
  let end = writer.length
  const steps = Uint8Array.from({ length: CELLS }, (_, cell) => STEPS * Math.log2(1 + cell) + 0.5)
  let rows = 0
  for (const row of views.rows) {
    rows += 1
    if (rows % ROWS_A_SLICE === 0) yield
    writer.key(row.key)
    writer.number(row.reads)
    writer.whole(Math.max(0, views.lastHour - row.since))
    writeWeek(writer, row.cells, steps)
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
  const weight = reader.number()
  const lastHour = reader.whole()
  const firstHour = reader.whole()
  const hoursWeighed = reader.number()
  const mixLength = reader.whole()
  if (mixLength > MIX_MAX) throw new RangeError('Expected fewer weights.')
  const mix = Float64Array.from({ length: mixLength }, () => reader.number())
  const rows: SavedRow[] = []
  while (reader.at < length) rows.push(readRow(reader, lastHour))
  return {
    judge: { on, hours, averages, weight },
    views: { lastHour, firstHour, hoursWeighed, mix, rows },
  }
}

/** Hours without a read, which are most of them, are told by how many there are in a row. */
function writeWeek(writer: StateWriter, cells: Uint16Array, steps: Uint8Array): void {
  let silent = 0
  for (const cell of cells) {
    if (cell === 0) {
      silent += 1
      continue
    }
    if (silent > 0) {
      writer.byte(0)
      writer.byte(silent)
      silent = 0
    }
    writer.byte(steps[cell] as number)
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
  const cells = new Uint16Array(HOURS_A_WEEK)
  for (let at = 0; at < HOURS_A_WEEK; ) {
    const step = reader.byte()
    if (step === 0) at += reader.byte()
    else {
      cells[at] = Math.min(CELLS - 1, Math.round(2 ** (step / STEPS) - 1))
      at += 1
    }
  }
  return { key, reads, since, cells }
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
