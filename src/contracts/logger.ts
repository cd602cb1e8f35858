/**
 * What a cache logs to, in the shape of pino and of `console`.
 *
 * A method that is missing, or `level` above it, switches its lines off; a line that is off
 * allocates nothing.
 */
export interface LoggerLike {
  /** As pino has it: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`. Absent: `info`. */
  readonly level?: string
  debug?(fields: object, message: string): void
  info?(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
