/** A request that is answered with a problem: `{ error: { code, message, field? } }`. */

/** Closed set; a new member is a minor release. */
export type AdminProblemCode =
  | 'bad-request'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'method-not-allowed'
  | 'conflict'
  | 'too-large'
  | 'unsupported-media-type'
  | 'misdirected'
  | 'too-many-requests'
  | 'internal'
  | 'unavailable'

const STATUSES: Readonly<Record<AdminProblemCode, number>> = {
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  misdirected: 421,
  'too-many-requests': 429,
  internal: 500,
  unavailable: 503,
}

export interface ProblemDetails {
  /** The parameter or the member to look at. */
  readonly field?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** `message` is ours alone: what came in, and what others have said, may hold a key or a secret. */
export class AdminProblem extends Error {
  readonly code: AdminProblemCode
  readonly status: number
  readonly field: string | undefined
  readonly headers: Readonly<Record<string, string>>

  constructor(code: AdminProblemCode, message: string, details: ProblemDetails = {}) {
    super(message)
    this.name = 'AdminProblem'
    this.code = code
    this.status = STATUSES[code]
    this.field = details.field
    this.headers = details.headers ?? {}
  }
}
