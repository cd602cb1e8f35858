/** How the program ends, and the errors that stand for it. `docs/concepts/command-line.md` lists them. */

/** Stable: scripts go by them. */
export const EXIT = {
  done: 0,
  /** What was asked for was not done, or not wholly. */
  failed: 1,
  /** What was typed, or the configuration, cannot be meant. */
  usage: 2,
  /** The admin API or the shared tier does not answer. */
  unreachable: 3,
  /** It was done, and found something that a person should look at. */
  findings: 4,
  /** The admin API knows the caller, or nobody, and refuses. */
  refused: 5,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** What was typed cannot be meant. */
export class UsageError extends Error {}

/** Nobody answers where the command was sent. */
export class UnreachableError extends Error {}

/** The admin API does not allow it. */
export class RefusedError extends Error {}

/** The word for an error in JSON, and the code of the program. */
export function judgeError(error: unknown): { readonly word: string; readonly code: ExitCode } {
  if (error instanceof UsageError) return { word: 'usage', code: EXIT.usage }
  if (error instanceof UnreachableError) return { word: 'unreachable', code: EXIT.unreachable }
  if (error instanceof RefusedError) return { word: 'refused', code: EXIT.refused }
  // Known by its code: the library is loaded only by commands that need it.
  const { code } = (error ?? {}) as { readonly code?: unknown }
  if (code === 'config' || code === 'argument') return { word: code, code: EXIT.usage }
  if (code === 'tier' && !hasAnswered(error)) {
    return { word: 'unreachable', code: EXIT.unreachable }
  }
  return { word: 'failed', code: EXIT.failed }
}

/** A server that refuses is there. */
function hasAnswered(error: unknown): boolean {
  const { cause } = error as { readonly cause?: unknown }
  return cause instanceof Error && cause.name === 'RedisError'
}
