/** One look of `watch`: for a terminal, for a log, and for a program. */

export type Tone = 'plain' | 'title' | 'dim' | 'good' | 'warn' | 'bad'

export interface TickLine {
  readonly text: string
  /** @default 'plain' */
  readonly tone?: Tone
}

export interface Tick {
  readonly at: number
  readonly lines: readonly TickLine[]
  readonly line: string
  readonly json: object
  /** Nobody has answered since; epoch milliseconds. */
  readonly oldSince?: number
}
