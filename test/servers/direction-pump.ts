/** One direction of one connection through the `FaultProxy`. */

import type { Socket } from 'node:net'

/** What is wrong with a direction. */
export interface Direction {
  readonly latencyMs?: number
  readonly bytesPerSecond?: number
  /** Nothing comes through, until it is healed. */
  readonly blackHole?: boolean
  /** Bytes come through in slices of at most this length. */
  readonly sliceBytes?: number
  /** Between two slices. @default 0 */
  readonly sliceDelayMs?: number
}

interface Piece {
  dueAt: number
  readonly bytes: Buffer
}

/** Pieces on their way, beyond which the sender waits. */
const MAX_PIECES = 256

export class DirectionPump {
  readonly #from: Socket
  readonly #to: Socket
  readonly #direction: () => Direction
  readonly #pieces: Piece[] = []
  #lastDueAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(from: Socket, to: Socket, direction: () => Direction) {
    this.#from = from
    this.#to = to
    this.#direction = direction
    from.on('data', (bytes) => this.#take(bytes))
    from.on('close', () => clearTimeout(this.#timer))
  }

  /** The direction has changed: what is on its way goes by what it is now, where that is sooner. */
  change(): void {
    this.#lastDueAt = 0
    for (const piece of this.#pieces) {
      piece.dueAt = Math.min(piece.dueAt, this.#due(piece.bytes.length))
      this.#lastDueAt = piece.dueAt
    }
    this.#wake()
  }

  #wake(): void {
    clearTimeout(this.#timer)
    while (this.#pieces.length > 0 && !this.#direction().blackHole && !this.#to.destroyed) {
      const waitMs = (this.#pieces[0]?.dueAt ?? 0) - performance.now()
      if (waitMs > 0.5) {
        this.#timer = setTimeout(() => this.#wake(), waitMs)
        return
      }
      this.#pass()
    }
    if (this.#pieces.length === 0) this.#from.resume()
  }

  #take(bytes: Buffer): void {
    this.#lastDueAt = this.#due(bytes.length)
    this.#pieces.push({ dueAt: this.#lastDueAt, bytes })
    if (this.#pieces.length > MAX_PIECES || this.#direction().blackHole) this.#from.pause()
    this.#wake()
  }

  /** When as many bytes come through that follow all others: the order is kept. */
  #due(length: number): number {
    const { latencyMs = 0, bytesPerSecond } = this.#direction()
    const wireMs = bytesPerSecond === undefined ? 0 : (length / bytesPerSecond) * 1000
    return Math.max(performance.now() + latencyMs, this.#lastDueAt) + wireMs
  }

  #pass(): void {
    const piece = this.#pieces.shift()
    if (piece === undefined) return
    const { sliceBytes = piece.bytes.length, sliceDelayMs = 0 } = this.#direction()
    if (piece.bytes.length > sliceBytes) {
      const dueAt = performance.now() + sliceDelayMs
      this.#pieces.unshift({ dueAt, bytes: piece.bytes.subarray(sliceBytes) })
    }
    this.#to.write(piece.bytes.subarray(0, sliceBytes))
  }
}
