import { CacheError, type CacheErrorCode } from '../contracts/errors.ts'
import { AdminProblem, type AdminProblemCode } from './admin-problem.ts'

/** In words of our own: messages of errors may show an argument, and arguments are keys. */
const OF_THE_CACHE: Readonly<Record<CacheErrorCode, readonly [AdminProblemCode, string]>> = {
  config: ['conflict', 'The cache is not set up for that.'],
  argument: ['bad-request', 'The cache does not take what was given.'],
  'loader-timeout': ['unavailable', 'The source took too long.'],
  'store-timeout': ['unavailable', 'The store took too long.'],
  tier: ['unavailable', 'The shared tier could not be asked.'],
  codec: ['conflict', 'A value cannot be turned into bytes, or back.'],
  'queue-full': ['unavailable', 'A queue is full.'],
  conflict: ['conflict', 'The source refuses it for what it holds.'],
  'circuit-open': ['unavailable', 'The source is given a rest.'],
  lock: ['unavailable', 'A lock is held by somebody else.'],
  closed: ['unavailable', 'The cache is closed.'],
}

/** What a failure is answered with. What is not ours says nothing of itself. */
export function problemOf(error: unknown): AdminProblem {
  if (error instanceof AdminProblem) return error
  if (error instanceof CacheError) {
    const [code, message] = OF_THE_CACHE[error.code]
    const field = 'field' in error && typeof error.field === 'string' ? { field: error.field } : {}
    return new AdminProblem(code, message, field)
  }
  return new AdminProblem('internal', 'That failed for a reason that only the server knows.')
}

/** Its class and code: the text of a foreign error may hold a key. */
export function nameOfError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const { name, code } = error as { readonly name: string; readonly code?: unknown }
  const known = word(name) ?? 'Error'
  const why = word(code)
  return why === undefined ? known : `${known} (${why})`
}

function word(text: unknown): string | undefined {
  return typeof text === 'string' && /^[\w-]{1,40}$/.test(text) ? text : undefined
}
