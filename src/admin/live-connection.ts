/**
 * One reader of what is live, as fast as it reads. Figures that come while it is slow take the place of
 * those before; events wait, up to a bound, beyond which it is cut off and may come again.
 */

export interface LiveConnectionParts {
  /** By the monotonic clock. */
  readonly now: () => number
  /** Called once when it is over, whoever has ended it. */
  readonly onEnd: () => void
}

/** Some thousand events. */
const WAITING_BYTES = 262_144
/** Somebody who reads nothing for so long has gone, and nobody was told. */
const STALLED_MS = 30_000

type Chunk = Uint8Array<ArrayBuffer>

export class LiveConnection {
  readonly stream: ReadableStream<Chunk>
  readonly #parts: LiveConnectionParts
  readonly #waiting: Chunk[] = []
  #waitingBytes = 0
  #figures: Chunk | undefined
  #controller: ReadableStreamDefaultController<Chunk> | undefined
  /** The reader has asked and has had no answer yet. */
  #isAsked = false
  #askedAt: number
  #isOver = false

  constructor(parts: LiveConnectionParts) {
    this.#parts = parts
    this.#askedAt = parts.now()
    // Nothing is buffered in the stream itself: what waits is counted here.
    this.stream = new ReadableStream<Chunk>(
      {
        start: (controller) => {
          this.#controller = controller
        },
        pull: () => this.#asked(),
        cancel: () => this.#over(),
      },
      { highWaterMark: 0 },
    )
  }

  /** Something that must not be left out. */
  send(chunk: Chunk): void {
    if (this.#isOver) return
    this.#waiting.push(chunk)
    this.#waitingBytes += chunk.byteLength
    if (this.#isAsked) this.#answer()
    else if (this.#waitingBytes > WAITING_BYTES) this.cut()
  }

  /** Something of which only the last counts. */
  show(figures: Chunk): void {
    if (this.#isOver) return
    this.#figures = figures
    if (this.#isAsked) this.#answer()
  }

  /** Cuts off a reader that has taken nothing for long. Called now and then. */
  checkPace(): void {
    const hasSome = this.#waiting.length > 0 || this.#figures !== undefined
    if (hasSome && this.#parts.now() - this.#askedAt > STALLED_MS) this.cut()
  }

  /** What waits is lost. */
  cut(): void {
    if (this.#isOver) return
    this.#controller?.error(new Error('The reader was too slow.'))
    this.#over()
  }

  end(): void {
    if (this.#isOver) return
    this.#controller?.close()
    this.#over()
  }

  #asked(): void {
    this.#askedAt = this.#parts.now()
    this.#isAsked = true
    this.#answer()
  }

  #answer(): void {
    const chunk = this.#next()
    if (chunk === undefined) return
    this.#isAsked = false
    this.#controller?.enqueue(chunk)
  }

  #next(): Chunk | undefined {
    const event = this.#waiting.shift()
    if (event !== undefined) {
      this.#waitingBytes -= event.byteLength
      return event
    }
    const figures = this.#figures
    this.#figures = undefined
    return figures
  }

  #over(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#waiting.length = 0
    this.#figures = undefined
    this.#parts.onEnd()
  }
}
