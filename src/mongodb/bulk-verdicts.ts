/**
 * What an error of `bulkWrite` says of each of its writes. The driver's errors are known by what they
 * have, not by their class, so that the driver need not be imported.
 */

import type { StoreOutcome } from '../contracts/source.ts'

/** `duplicate`: a unique index refused it. Whether that is the key's, and what stands there, is to be asked. */
export type Verdict = StoreOutcome | { readonly kind: 'duplicate'; readonly reason: string }

export const APPLIED: StoreOutcome = { kind: 'applied' }

/** https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml */
const DUPLICATE_KEY = [11000, 11001, 12582]

/**
 * Of the server's or the set's state, its load, or who may ask: any write meets them, and the same one
 * succeeds later. Network, primaries, shutdown, interruption, times that ran out, locks and conflicts,
 * stale routing, permission, and what is full.
 */
const PASSING = new Set([
  6, 7, 8, 13, 18, 24, 46, 50, 63, 64, 70, 89, 91, 100, 112, 125, 133, 134, 136, 146, 150, 189, 202,
  225, 234, 244, 246, 249, 250, 251, 262, 267, 290, 317, 358, 364, 384, 391, 412, 462, 8000, 9001,
  10058, 10107, 11600, 11601, 11602, 13388, 13435, 13436, 14031,
])

/** Errors of a whole command that one of its documents may have caused: it is refused before any is written. */
const OF_A_DOCUMENT = new Set([
  2, 9, 14, 15, 22, 28, 40, 51, 52, 53, 54, 55, 56, 57, 66, 121, 10334, 17419, 17420,
])

interface WriteErrorLike {
  readonly index: number
  readonly code?: unknown
  readonly errmsg?: unknown
  readonly errInfo?: unknown
}

/**
 * One for each of `count` writes, in order. `undefined`: one of them may be to blame and the error does
 * not say which, so that the others succeed without it.
 */
export function verdictsOf(error: unknown, count: number): readonly Verdict[] | undefined {
  const refused = new Map(writeErrorsOf(error).map((one) => [one.index, one]))
  const unsure = wholeErrorOf(error)
  if (unsure !== undefined && refused.size === 0 && isOfADocument(error)) {
    return count > 1 ? undefined : [{ kind: 'failed', error, retry: 'permanent' }]
  }
  return Array.from({ length: count }, (_, index) => {
    const one = refused.get(index)
    const verdict = one === undefined ? APPLIED : verdictOf(one)
    // What a server has may yet be rolled back, the version that was in the way too.
    const isFinal = verdict.kind === 'failed' && verdict.retry === 'permanent'
    if (unsure === undefined || isFinal) return verdict
    return { kind: 'failed', error: unsure, retry: 'transient' }
  })
}

function verdictOf({ code, errmsg, errInfo }: WriteErrorLike): Verdict {
  const words = typeof errmsg === 'string' ? errmsg : 'The server refused it.'
  if (DUPLICATE_KEY.includes(Number(code))) return { kind: 'duplicate', reason: words }
  // Without the operation, which the driver keeps with it: values are no matter of a log.
  const error = Object.assign(new Error(words), { code, errInfo })
  return { kind: 'failed', error, retry: PASSING.has(Number(code)) ? 'transient' : 'permanent' }
}

/** Each names its write by its place in the bulk. */
function writeErrorsOf(error: unknown): readonly WriteErrorLike[] {
  const { result, writeErrors } = partsOf(error)
  const listed: unknown = result?.getWriteErrors?.() ?? writeErrors
  const all = Array.isArray(listed) ? listed : listed === undefined ? [] : [listed]
  return all.filter((one) => Number.isInteger(one?.index))
}

/**
 * What makes unsure what became of the writes that were not refused: a write concern that was not
 * reached, or an error of another kind than of single writes, such as a connection that was lost. The
 * driver wraps those too, with the refusals of commands before in their `result` alone.
 */
function wholeErrorOf(error: unknown): unknown {
  const { result, writeErrors } = partsOf(error)
  const concern = result?.getWriteConcernError?.() ?? undefined
  const isOfWrites = Array.isArray(writeErrors) ? writeErrors.length > 0 : writeErrors !== undefined
  return concern === undefined && isOfWrites ? undefined : error
}

function isOfADocument(error: unknown): boolean {
  const { code, errorResponse } = partsOf(error)
  if (typeof code === 'number') return OF_A_DOCUMENT.has(code)
  // Of the driver itself, before anything is sent: a value without a form, a document that is too large.
  // Some releases look at that so late that they wrap it.
  const { name } = partsOf(errorResponse instanceof Error ? errorResponse : error)
  return (
    error instanceof TypeError ||
    error instanceof RangeError ||
    /^(BSON\w*|MongoInvalidArgument)Error$/.test(String(name))
  )
}

interface ErrorParts {
  readonly name?: unknown
  readonly code?: unknown
  readonly errorResponse?: unknown
  readonly writeErrors?: unknown
  readonly result?: {
    getWriteErrors?(): unknown
    getWriteConcernError?(): unknown
  }
}

function partsOf(error: unknown): ErrorParts {
  return typeof error === 'object' && error !== null ? error : {}
}
