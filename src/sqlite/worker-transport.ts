/**
 * The main thread's end of a worker that holds a file open, so that no disk and no lock ever stops
 * the event loop. `sqlite-worker.ts` is the other end.
 */

import { Worker } from 'node:worker_threads'
import type { Report } from '../contracts/events.ts'
import { type CallOutcome, type Fault, interrupted } from './call-outcome.ts'
import { describeFault } from './describe-fault.ts'
import { packList, unpackList } from './packed-list.ts'
import type { Transport } from './transport.ts'
import type { WorkerOrder, WorkerReply, WorkerRequest } from './worker-message.ts'

/** Time that a closing worker has; longer than any lock it may wait for. Then it is ended. */
const CLOSE_LIMIT_MS = 5_000
/** Between the end of a worker that failed and the start of the next, which costs some 50 ms of a processor. */
const RESTART_MS = 1_000

interface Sent {
  readonly size: number
  readonly resolve: (outcomes: readonly CallOutcome[]) => void
}

/** A worker, and its end. */
interface Hired {
  readonly worker: Worker
  readonly gone: Promise<void>
}

export class WorkerTransport implements Transport {
  readonly #order: WorkerOrder
  readonly #report: Report
  /** The one at work, or the one that ended last. */
  #hired: Hired
  /** The first word on whether the file is open. */
  readonly #first = Promise.withResolvers<void>()
  readonly #sent = new Map<number, Sent>()
  /** Why the file is not asked: it is not open, or there is no worker. */
  #fault: Fault | undefined
  #restart: NodeJS.Timeout | undefined
  #heard: (() => void) | undefined
  #ids = 0
  #closing = false

  constructor(order: WorkerOrder, report: Report) {
    this.#order = order
    this.#report = report
    this.#hired = this.#hire()
  }

  async opened(): Promise<Fault | undefined> {
    await this.#first.promise
    return this.#fault
  }

  /**
   * After the microtasks that are running: callers that one answer has woken ask their next
   * questions at different depths, and should still travel together.
   */
  defer(task: () => void): void {
    queueMicrotask(() => process.nextTick(task))
  }

  listen(heard: () => void): void {
    this.#heard = heard
    this.#hired.worker.postMessage(LISTEN)
  }

  send(calls: readonly unknown[]): Promise<readonly CallOutcome[]> {
    if (this.#fault !== undefined) return Promise.resolve(failed(calls.length, this.#fault))
    return new Promise((resolve) => {
      this.#ids += 1
      const request: WorkerRequest = { kind: 'calls', id: this.#ids, calls: packList(calls) }
      try {
        this.#hired.worker.postMessage(request)
      } catch (error) {
        resolve(this.#sendAlone(calls, error))
        return
      }
      this.#sent.set(this.#ids, { size: calls.length, resolve })
      this.#hold()
    })
  }

  async close(): Promise<void> {
    const { worker, gone } = this.#hired
    clearTimeout(this.#restart)
    if (!this.#closing) {
      this.#closing = true
      const request: WorkerRequest = { kind: 'close' }
      worker.postMessage(request)
      const limit = setTimeout(() => void worker.terminate(), CLOSE_LIMIT_MS)
      void gone.then(() => clearTimeout(limit))
    }
    // Somebody waits for its end, also where it failed and was let go of.
    worker.ref()
    await gone
  }

  /** Something in one of the calls cannot be posted; the others are not to suffer from it. */
  async #sendAlone(calls: readonly unknown[], error: unknown): Promise<readonly CallOutcome[]> {
    if (calls.length === 1) return failed(1, describeFault(error))
    const alone = await Promise.all(calls.map((call) => this.send([call])))
    return alone.flat()
  }

  #receive(reply: WorkerReply): void {
    switch (reply.kind) {
      case 'opened':
        this.#tell(reply.fault)
        break
      case 'answers': {
        const sent = this.#sent.get(reply.id)
        this.#sent.delete(reply.id)
        sent?.resolve(unpackList(reply.outcomes, 'own') as readonly CallOutcome[])
        break
      }
      case 'changed':
        this.#heard?.()
        return
      case 'events':
        for (const event of reply.events) this.#report(event)
        return
      default:
        reply satisfies never
    }
    this.#hold()
  }

  /** Whether the file is open. Who waits to hear of changes may have missed some while it was not. */
  #tell(fault: Fault | undefined): void {
    const wasAway = this.#fault !== undefined
    this.#fault = fault
    this.#first.resolve()
    if (wasAway && fault === undefined) this.#heard?.()
  }

  #hire(): Hired {
    // The worker is TypeScript when the source is run, JavaScript when the package is.
    const file = import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js'
    const worker = new Worker(new URL(file, import.meta.url), {
      workerData: this.#order,
      name: 'tiercel-sqlite',
      // Node 22 announces `node:sqlite` as experimental. The flags of the process are left out on
      // purpose: the worker needs none of them, and refuses those that are for a whole process.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    const gone = Promise.withResolvers<void>()
    worker.on('message', (reply: WorkerReply) => this.#receive(reply))
    let why: string | undefined
    worker.on('error', (error: unknown) => {
      why = `The worker of the file failed: ${describeFault(error).message}`
      this.#lose(why)
    })
    worker.on('exit', (code) => {
      gone.resolve()
      this.#lose(why ?? `The worker of the file ended with ${code}.`)
      this.#hireLater()
    })
    return { worker, gone: gone.promise }
  }

  /** Nothing that was asked will be answered any more, by this worker. */
  #lose(why: string): void {
    const fault = interrupted(this.#closing ? 'The file was closed.' : why)
    this.#tell(fault)
    for (const sent of this.#sent.values()) sent.resolve(failed(sent.size, fault))
    this.#sent.clear()
    this.#hold()
  }

  /**
   * What has ended a worker may have been the file, or one call: the next one opens the file anew. A
   * database in memory is gone with its worker, and an empty one in its place would pass for it.
   */
  #hireLater(): void {
    if (this.#closing || (this.#order.kind === 'database' && this.#order.path === ':memory:'))
      return
    this.#restart = setTimeout(() => this.#hireAgain(), RESTART_MS).unref()
  }

  #hireAgain(): void {
    try {
      this.#hired = this.#hire()
    } catch (error) {
      // The machine has no thread to spare at this moment.
      this.#tell(describeFault(error))
      this.#hireLater()
      return
    }
    if (this.#heard !== undefined) this.#hired.worker.postMessage(LISTEN)
    this.#hold()
  }

  /**
   * The worker keeps the process alive exactly while somebody waits for it: a forgotten `close`
   * holds nothing open, and a script that only awaits an answer gets it.
   */
  #hold(): void {
    const { worker } = this.#hired
    if (this.#sent.size > 0 || this.#closing) worker.ref()
    else worker.unref()
  }
}

const LISTEN: WorkerRequest = { kind: 'listen' }

function failed(size: number, fault: Fault): readonly CallOutcome[] {
  return Array.from({ length: size }, () => ({ ok: false, fault }))
}
