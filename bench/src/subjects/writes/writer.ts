/** What the suite `write` asks of whatever keeps its writes. */

export interface Writer {
  /** Resolves when the write is acknowledged. */
  readonly write: (id: number, turn: number) => Promise<unknown>
  readonly close: () => Promise<void>
}
