/**
 * What is live, for all who look: figures once a second, taken once however many look, and events as they
 * come. While nobody looks, nothing is taken. Written as HTML has it: 9.2, server-sent events.
 */

import type { Clock } from '../contracts/clock.ts'
import { AdminProblem } from './admin-problem.ts'
import { jsonText } from './json-text.ts'
import { LiveConnection } from './live-connection.ts'
import { nameOfError } from './problem-of.ts'

export interface LiveFeedParts {
  readonly clock: Clock
  /** The figures, as JSON has them. */
  readonly figures: () => Promise<unknown>
}

/** Whoever looks has a page or two; each costs a socket and what it waits for. */
const CONNECTIONS = 32
const FIGURES_EVERY_MS = 1000
/** Proxies give up connections on which nothing is said for half a minute. */
const BEAT_EVERY_MS = 15_000

interface Reader {
  readonly connection: LiveConnection
  readonly stands: () => boolean
}

export class LiveFeed {
  readonly #parts: LiveFeedParts
  readonly #readers = new Set<Reader>()
  readonly #encoder = new TextEncoder()
  #cancel: (() => void) | undefined
  #isTaking = false
  #last: Uint8Array<ArrayBuffer> | undefined
  #beatAt = 0
  #isClosed = false

  constructor(parts: LiveFeedParts) {
    this.#parts = parts
  }

  get connections(): number {
    return this.#readers.size
  }

  /** Ends when `stands` does not any more. @throws AdminProblem where there are too many. */
  open(stands: () => boolean): ReadableStream<Uint8Array<ArrayBuffer>> {
    if (this.#isClosed || this.#readers.size >= CONNECTIONS) {
      throw new AdminProblem('unavailable', `At most ${CONNECTIONS} may look at once.`, {
        headers: { 'retry-after': '10' },
      })
    }
    const { clock } = this.#parts
    const connection = new LiveConnection({
      now: () => clock.monotonic(),
      onEnd: () => {
        this.#readers.delete(reader)
        if (this.#readers.size === 0) this.#rest()
      },
    })
    const reader: Reader = { connection, stands }
    this.#readers.add(reader)
    // Browsers come again by themselves after so long.
    connection.send(this.#encoder.encode('retry: 1000\n\n'))
    if (this.#last !== undefined) connection.show(this.#last)
    if (this.#readers.size === 1) {
      this.#beatAt = clock.monotonic()
      this.#tick()
    }
    return connection.stream
  }

  send(event: string, data: unknown): void {
    if (this.#readers.size === 0) return
    const chunk = this.#encode(event, data)
    for (const { connection } of [...this.#readers]) connection.send(chunk)
  }

  close(): void {
    this.#isClosed = true
    for (const { connection } of [...this.#readers]) connection.end()
    this.#rest()
  }

  #tick(): void {
    const { clock } = this.#parts
    this.#cancel = clock.schedule(FIGURES_EVERY_MS, () => this.#tick(), 'upkeep')
    for (const { connection, stands } of [...this.#readers]) {
      if (!stands()) connection.end()
      else connection.checkPace()
    }
    this.#beat()
    if (this.#readers.size > 0 && !this.#isTaking) void this.#take()
  }

  /** Never rejects. Figures that take longer than a second are waited for, not asked for again. */
  async #take(): Promise<void> {
    this.#isTaking = true
    const chunk = await this.#parts.figures().then(
      (figures) => this.#encode('stats', figures),
      (error: unknown) => this.#encode('problem', { error: nameOfError(error) }),
    )
    this.#isTaking = false
    // Whoever comes after a pause is not shown what was before it.
    if (this.#readers.size > 0) this.#last = chunk
    for (const { connection } of [...this.#readers]) connection.show(chunk)
  }

  #beat(): void {
    const now = this.#parts.clock.monotonic()
    if (now - this.#beatAt < BEAT_EVERY_MS) return
    this.#beatAt = now
    const beat = this.#encoder.encode(': still here\n\n')
    for (const { connection } of [...this.#readers]) connection.send(beat)
  }

  #rest(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#last = undefined
  }

  /** JSON has no line breaks of its own, so that one line of data is enough. */
  #encode(event: string, data: unknown): Uint8Array<ArrayBuffer> {
    return this.#encoder.encode(`event: ${event}\ndata: ${jsonText(data)}\n\n`)
  }
}
