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

interface Sent {
  readonly size: number
  readonly resolve: (outcomes: readonly CallOutcome[]) => void
}

export class WorkerTransport implements Transport {
  readonly opened: Promise<Fault | undefined>
  readonly #worker: Worker
  readonly #report: Report
  readonly #gone = Promise.withResolvers<void>()
  readonly #sent = new Map<number, Sent>()
  #tellOpened: (fault: Fault | undefined) => void
  #broken: Fault | undefined
  #heard: () => void = () => {}
  #ids = 0
  #closing = false

  constructor(order: WorkerOrder, report: Report) {
    const opened = Promise.withResolvers<Fault | undefined>()
    this.opened = opened.promise
    this.#tellOpened = opened.resolve
    this.#report = report
    // The worker is TypeScript when the source is run, JavaScript when the package is.
    const file = import.meta.url.endsWith('.ts') ? './sqlite-worker.ts' : './sqlite-worker.js'
    this.#worker = new Worker(new URL(file, import.meta.url), {
      workerData: order,
      name: 'tiercel-sqlite',
      // Node 22 announces `node:sqlite` as experimental. The flags of the process are left out on
      // purpose: the worker needs none of them, and refuses those that are for a whole process.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    this.#worker.on('message', (reply: WorkerReply) => this.#receive(reply))
    this.#worker.on('error', (error) =>
      this.#break(`The worker of the file failed: ${error.message}`),
    )
    this.#worker.on('exit', (code) => {
      this.#break(
        this.#closing ? 'The file was closed.' : `The worker of the file ended with ${code}.`,
      )
      this.#gone.resolve()
    })
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
    const request: WorkerRequest = { kind: 'listen' }
    this.#worker.postMessage(request)
  }

  send(calls: readonly unknown[]): Promise<readonly CallOutcome[]> {
    if (this.#broken !== undefined) return Promise.resolve(failed(calls.length, this.#broken))
    return new Promise((resolve) => {
      this.#ids += 1
      const request: WorkerRequest = { kind: 'calls', id: this.#ids, calls: packList(calls) }
      try {
        this.#worker.postMessage(request)
      } catch (error) {
        resolve(this.#sendAlone(calls, error))
        return
      }
      this.#sent.set(this.#ids, { size: calls.length, resolve })
      this.#hold()
    })
  }

  async close(): Promise<void> {
    if (!this.#closing && this.#broken === undefined) {
      this.#closing = true
      const request: WorkerRequest = { kind: 'close' }
      this.#worker.postMessage(request)
      this.#hold()
      const limit = setTimeout(() => void this.#worker.terminate(), CLOSE_LIMIT_MS)
      await this.#gone.promise
      clearTimeout(limit)
    }
    // Somebody waits for its end, also where it failed and was let go of.
    this.#worker.ref()
    await this.#gone.promise
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
        // The worker of a file that cannot be opened ends by itself.
        this.#broken ??= reply.fault
        this.#tellOpened(reply.fault)
        break
      case 'answers': {
        const sent = this.#sent.get(reply.id)
        this.#sent.delete(reply.id)
        sent?.resolve(unpackList(reply.outcomes, 'own') as readonly CallOutcome[])
        break
      }
      case 'changed':
        this.#heard()
        return
      case 'events':
        for (const event of reply.events) this.#report(event)
        return
      default:
        reply satisfies never
    }
    this.#hold()
  }

  #break(message: string): void {
    if (this.#broken === undefined) this.#broken = interrupted(message)
    this.#tellOpened(this.#broken)
    for (const sent of this.#sent.values()) sent.resolve(failed(sent.size, this.#broken))
    this.#sent.clear()
    this.#hold()
  }

  /**
   * The worker keeps the process alive exactly while somebody waits for it: a forgotten `close`
   * holds nothing open, and a script that only awaits an answer gets it.
   */
  #hold(): void {
    if (this.#sent.size > 0 || (this.#closing && this.#broken === undefined)) this.#worker.ref()
    else this.#worker.unref()
  }
}

function failed(size: number, fault: Fault): readonly CallOutcome[] {
  return Array.from({ length: size }, () => ({ ok: false, fault }))
}
