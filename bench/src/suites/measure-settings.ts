/** What is asked of one measuring process. Made by `plan-suite.ts`, read by the groups. */

export interface MeasureSettings {
  /** Entries that each subject holds. */
  readonly keys: number
  readonly rounds: number
  /** Length of a timed pass, in milliseconds. */
  readonly passMs: number
}
