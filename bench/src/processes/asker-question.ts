/** What a stampede asks of its processes. Both sides of the channel read it. */

export interface AskerQuestion {
  readonly subject: string
  /** Nobody has it, and all processes ask for it. */
  readonly key: string
  readonly callers: number
  /** When all of them ask, by the host's clock. */
  readonly at: number
}

export interface AskerAnswer {
  readonly loads: number
  /** Of each caller, in milliseconds. */
  readonly waitsMs: readonly number[]
}
