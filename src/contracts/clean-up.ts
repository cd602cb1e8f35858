/** What became of entries that nobody had read. */
export interface CleanUpReport {
  /**
   * `elsewhere`: another process was at it, and nothing was done but for copies here. `overtaken`: this
   * one stood still, another has begun meanwhile, and goes on with it.
   */
  readonly outcome: 'done' | 'elsewhere' | 'overtaken'
  /** It went on where another had been ended; its numbers are in these. */
  readonly resumed: boolean
  /** Entries that have left: of the shared tier, or where there is none, of this process. */
  readonly removed: number
  /** Entries that were looked at, those that have left among them. */
  readonly before: number
  readonly after: number
  /** Bytes of the shared tier, as well as can be told; `undefined`: there is none, or it could not be told. */
  readonly memory: { readonly before: number; readonly after: number } | undefined
  /** Entries that have left this process. */
  readonly copies: number
  readonly durationMs: number
}
