/** What stands under one key in the Keyv store: an entry, that it is gone, or that it is being written. */

/** Numbers are microseconds of the wall clock, and grow with each change of a process. */
export type StoredRecord =
  | StoredEntry
  /** Loads that began before `stamp` may not fill the key. */
  | { readonly kind: 'gone'; readonly stamp: number }
  | StoredWriting

export interface StoredEntry {
  readonly kind: 'entry'
  readonly stamp: number
  readonly storedAt: number
  /** Epoch milliseconds; `Infinity`: no end. */
  readonly freshUntil: number
  readonly graceUntil: number
  readonly tags: readonly string[]
  readonly envelope: Uint8Array
}

export interface StoredWriting {
  readonly kind: 'writing'
  readonly stamp: number
  readonly token: string
  /** Epoch milliseconds. */
  readonly until: number
  /** To be removed when it ends, also if the writer has died. */
  readonly tags: readonly string[]
  /** Somebody else was writing when it began, so nobody knows which of the two came last. */
  readonly contested: boolean
}

const VERSION = 1

export function recordText(record: StoredRecord): string {
  if (record.kind !== 'entry') return JSON.stringify({ v: VERSION, ...record })
  const { envelope, freshUntil, graceUntil, ...rest } = record
  const ends = { freshUntil: finite(freshUntil), graceUntil: finite(graceUntil) }
  const bytes = Buffer.from(envelope).toString('base64')
  return JSON.stringify({ v: VERSION, ...rest, ...ends, envelope: bytes })
}

/** JSON has no infinity. */
const finite = (time: number): number | null => (Number.isFinite(time) ? time : null)

/** `undefined`: nothing that this release has written. Anything may stand there. */
export function readRecord(text: unknown): StoredRecord | undefined {
  const record = parsed(text)
  if (record?.['v'] !== VERSION || !isNumber(record['stamp'])) return undefined
  const { stamp } = record
  switch (record['kind']) {
    case 'gone':
      return { kind: 'gone', stamp }
    case 'writing': {
      const { token, until, contested, tags } = record
      if (typeof token !== 'string' || !isNumber(until) || !isTexts(tags)) return undefined
      return { kind: 'writing', stamp, token, until, tags, contested: contested === true }
    }
    case 'entry':
      return readEntry(stamp, record)
    default:
      return undefined
  }
}

function readEntry(
  stamp: number,
  record: Readonly<Record<string, unknown>>,
): StoredEntry | undefined {
  const { storedAt, envelope, tags } = record
  const [freshUntil, graceUntil] = [endOf(record['freshUntil']), endOf(record['graceUntil'])]
  if (freshUntil === undefined || graceUntil === undefined || !isNumber(storedAt)) return undefined
  if (typeof envelope !== 'string' || !isTexts(tags)) return undefined
  const bytes = new Uint8Array(Buffer.from(envelope, 'base64'))
  return { kind: 'entry', stamp, storedAt, freshUntil, graceUntil, tags, envelope: bytes }
}

function endOf(value: unknown): number | undefined {
  if (value === null) return Number.POSITIVE_INFINITY
  return isNumber(value) ? value : undefined
}

function parsed(text: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof text !== 'string') return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value)

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string')
