/** Whether something read from a file is a write as `exportQueue` told it. */

import { ArgumentError } from '../contracts/errors.ts'
import type { ExportedWrite } from '../contracts/write-queue.ts'

const KINDS: readonly unknown[] = ['create', 'put', 'remove']

type Check = (value: unknown) => boolean

const isText: Check = (value) => typeof value === 'string'
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isSpan: Check = (value) =>
  value === null || (typeof value === 'number' && Number.isFinite(value) && value >= 0)
const isList: Check = (value) => Array.isArray(value) && value.every(isText)

const FIELDS: Readonly<Record<keyof ExportedWrite, readonly [Check, string]>> = {
  collection: [(value) => isText(value) && value !== '', 'the name of a collection'],
  shard: [isCount, 'the number of a shard'],
  shards: [(value) => isCount(value) && value !== 0, 'how many shards there are'],
  id: [isText, 'a key as text'],
  kind: [(value) => KINDS.includes(value), "'create', 'put' or 'remove'"],
  epoch: [isText, 'text'],
  version: [isCount, 'a whole number'],
  queuedMs: [isSpan, 'milliseconds'],
  ttlMs: [isSpan, 'milliseconds or null'],
  graceMs: [isSpan, 'milliseconds or null'],
  tags: [isList, 'a list of text'],
  removes: [isList, 'a list of text'],
  envelope: [isText, 'bytes as base64'],
}

/** @throws ArgumentError that names the line and the field. */
export function checkExported(given: unknown, line: number): ExportedWrite {
  if (typeof given !== 'object' || given === null) {
    throw new ArgumentError({ field: `line ${line}`, expected: 'a write', actual: given })
  }
  const write = given as Readonly<Record<string, unknown>>
  for (const [name, [check, expected]] of Object.entries(FIELDS)) {
    if (check(write[name])) continue
    throw new ArgumentError({ field: `line ${line}.${name}`, expected, actual: write[name] })
  }
  const { shard, shards } = write as Pick<ExportedWrite, 'shard' | 'shards'>
  if (shard < shards) return given as ExportedWrite
  const expected = `less than ${shards}, as there are so many`
  throw new ArgumentError({ field: `line ${line}.shard`, expected, actual: shard })
}
