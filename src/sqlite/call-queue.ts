/**
 * Gathers the calls of one tick into one message, and gives each caller its own answer.
 *
 * `sqliteTier` and `openSqlite` put their calls here; a `Transport` carries them to the engine.
 */

import { type Fault, interrupted } from './call-outcome.ts'
import type { Transport } from './transport.ts'

/** Calls without an answer at most. A file that is this far behind will not answer them in time. */
const MAX_CALLS = 10_000
/** Payload bytes without an answer at most, so that a slow disk cannot fill the memory. */
const MAX_BYTES = 256 * 1024 * 1024

interface WaitingCall {
  readonly call: unknown
  readonly bytes: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

export class CallQueue {
  readonly #transport: Transport
  readonly #toError: (fault: Fault) => Error
  #gathered: WaitingCall[] = []
  #calls = 0
  #bytes = 0
  #closed = false

  /** `toError` makes what callers see of a fault: each call rejects with an error of its own. */
  constructor(transport: Transport, toError: (fault: Fault) => Error) {
    this.#transport = transport
    this.#toError = toError
  }

  /**
   * Answers what the engine answers to `call`. `bytes` is what the call carries beside its words.
   *
   * Rejects at once if the queue is full or closed; nothing was carried out then.
   */
  ask(call: unknown, bytes = 0): Promise<unknown> {
    if (this.#closed) return Promise.reject(this.#toError(interrupted('The file was closed.')))
    // A call that is alone is carried out, however large it is: it could never be asked otherwise.
    const full = this.#bytes + bytes > MAX_BYTES && this.#calls > 0
    if (this.#calls >= MAX_CALLS || full) {
      const held = `${this.#calls} calls with ${this.#bytes} bytes wait already, and this one has ${bytes}`
      return Promise.reject(this.#toError(interrupted(`The queue to the file is full: ${held}.`)))
    }
    return new Promise((resolve, reject) => {
      if (this.#gathered.length === 0) this.#transport.defer(() => this.#flush())
      this.#gathered.push({ call, bytes, resolve, reject })
      this.#calls += 1
      this.#bytes += bytes
    })
  }

  /** Sends what is gathered, then closes the way behind it. Calls asked later reject. */
  async close(): Promise<void> {
    this.#closed = true
    this.#flush()
    await this.#transport.close()
  }

  #flush(): void {
    const gathered = this.#gathered
    if (gathered.length === 0) return
    this.#gathered = []
    // Safe to leave alone: `send` never rejects, and what it answers settles every caller.
    void this.#carry(gathered)
  }

  async #carry(gathered: readonly WaitingCall[]): Promise<void> {
    const outcomes = await this.#transport.send(gathered.map((waiting) => waiting.call))
    for (const [index, waiting] of gathered.entries()) {
      this.#calls -= 1
      this.#bytes -= waiting.bytes
      const outcome = outcomes[index]
      if (outcome?.ok) waiting.resolve(outcome.value)
      else
        waiting.reject(
          this.#toError(outcome?.fault ?? interrupted('The call was left unanswered.')),
        )
    }
  }
}
