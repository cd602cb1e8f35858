/**
 * An error that a server answered with, or that stands in the place of an answer that never came.
 * Made by the adapters in this folder; the steps above read `code` to decide.
 */

/**
 * An error as a value among replies. Drivers' own errors carry the command with its arguments, so
 * they are never passed on: only the code and a text that was freed of arguments are kept.
 */
export class RedisError extends Error {
  override readonly name = 'RedisError'
  /** The first word of a server's error (`NOSCRIPT`, `OOM`, `MOVED`), or `LOST` without a reply. */
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}
