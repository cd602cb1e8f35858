/**
 * What becomes of one call, in words that survive the way between threads.
 *
 * An error object loses its class on that way, so engines answer faults and the callers' side makes
 * errors of them.
 */

/** An error as plain data. */
export interface Fault {
  readonly message: string
  /**
   * SQLite's extended result code; 0 for what Node or this room refuse, such as a value that cannot
   * be bound; 9, SQLite's `INTERRUPT`, for a call that the file was not asked or did not answer.
   */
  readonly resultCode: number
  /** The file is there and has refused this step; it would answer another, a read as a rule. */
  readonly refused?: true
}

/** What became of a call that the way to the file has lost. It may have been carried out. */
export function interrupted(message: string): Fault {
  return { message, resultCode: 9 }
}

export type CallOutcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly fault: Fault }
