/** The way of a worker to the process that started it, which has the source. */

import type { FromWorker, Order, Row, ToWorker } from './messages.ts'

export type Obey = (order: Order) => Promise<readonly (Row | undefined)[]>

export class ParentLink {
  readonly #waiting = new Map<number, (row: Row | undefined) => void>()
  #asked = 0

  /** Ends the process when the parent is gone. */
  constructor(obey: Obey) {
    process.on('message', (message) => void this.#take(message as ToWorker, obey))
    process.on('disconnect', () => {
      for (const settle of this.#waiting.values()) settle(undefined)
      this.#waiting.clear()
    })
  }

  send(message: FromWorker): void {
    // The parent may end at any time.
    if (process.connected) process.send?.(message, () => {})
  }

  load(key: string): Promise<Row | undefined> {
    return this.#ask((id) => ({ kind: 'load', id, key }))
  }

  async write(rows: readonly Row[], by: 'cache' | 'outside'): Promise<void> {
    await this.#ask((id) => ({ kind: 'write', id, rows, by }))
  }

  #ask(message: (id: number) => FromWorker): Promise<Row | undefined> {
    this.#asked += 1
    const id = this.#asked
    // As many as the cache's own limit of calls to its source, and a few writers.
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve)
      this.send(message(id))
    })
  }

  async #take(message: ToWorker, obey: Obey): Promise<void> {
    if (message.kind === 'order') {
      const { id, order } = message
      const rows = await obey(order)
      this.send({ kind: 'done', id, rows })
      return
    }
    this.#waiting.get(message.id)?.(message.kind === 'loaded' ? message.row : undefined)
    this.#waiting.delete(message.id)
  }
}
