/**
 * The thread that holds a file open. Started by `WorkerTransport`, which tells it what to host; it
 * ends after a `close`.
 */

import { randomUUID } from 'node:crypto'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import type { CacheEvent } from '../contracts/events.ts'
import type { Random } from '../contracts/random.ts'
import type { CallOutcome, Fault } from './call-outcome.ts'
import { DatabaseEngine } from './database-engine.ts'
import { hostClock } from './host-clock.ts'
import { packList, unpackList } from './packed-list.ts'
import type { SqliteEngine } from './sqlite-engine.ts'
import { openTierEngine } from './tier-engine.ts'
import type { WorkerOrder, WorkerReply, WorkerRequest } from './worker-message.ts'

/** Calls that one transaction takes from messages that have queued up behind each other. */
const MAX_GATHERED_CALLS = 1_000

/** Also how soon a replaced file is noticed by who does not follow. */
const IDLE_MS = 1_000
/** Time between two looks for what other processes have written; each takes some microseconds. */
const CHANGES_EVERY_MS = 20

const random: Random = {
  next: Math.random,
  id: () => randomUUID().replaceAll('-', ''),
}

function host(order: WorkerOrder): void {
  const events: CacheEvent[] = []
  const reply = (message: WorkerReply): void => parentPort?.postMessage(message)
  const sendEvents = (): void => {
    if (events.length > 0) reply({ kind: 'events', events: events.splice(0) })
  }
  const engine: SqliteEngine =
    order.kind === 'tier'
      ? openTierEngine({
          ...order,
          now: Date.now,
          monotonic: hostClock,
          random,
          idleMs: IDLE_MS,
          report: (event) => events.push(event),
        })
      : new DatabaseEngine(order)
  let told: Fault | undefined
  const tellState = (): void => {
    if (engine.fault === told) return
    told = engine.fault
    reply({ kind: 'opened', fault: told })
  }
  if (engine.fault === undefined) reply({ kind: 'opened', fault: undefined })

  let timer: NodeJS.Timeout | undefined
  const work = (): void => {
    const nextMs = engine.work()
    tellState()
    sendEvents()
    // A pause of a millisecond between slices lets the calls that came meanwhile go first.
    if (nextMs !== undefined) timer = setTimeout(work, Math.max(1, nextMs))
  }
  work()

  let looking: NodeJS.Timeout | undefined
  const look = (): void => {
    if (engine.changed()) reply({ kind: 'changed' })
  }

  parentPort?.on('message', (first: WorkerRequest) => {
    const { requests, listening, closing } = gather(first)
    answer(engine, requests, reply)
    tellState()
    sendEvents()
    if (listening && looking === undefined) {
      // What was written before is found by the follow that whoever listens begins with.
      engine.changed()
      looking = setInterval(look, CHANGES_EVERY_MS)
    }
    if (!closing) return
    clearTimeout(timer)
    clearInterval(looking)
    engine.close()
    parentPort?.close()
  })
}

interface CallsRequest {
  readonly id: number
  readonly calls: readonly unknown[]
}

interface Gathered {
  readonly requests: readonly CallsRequest[]
  readonly listening: boolean
  readonly closing: boolean
}

/** What has queued up is carried out together: under load, many ticks share one commit. */
function gather(first: WorkerRequest): Gathered {
  const requests: CallsRequest[] = []
  let calls = 0
  let listening = false
  let next: WorkerRequest | undefined = first
  while (next !== undefined) {
    if (next.kind === 'close') return { requests, listening, closing: true }
    if (next.kind === 'listen') {
      listening = true
    } else {
      const request = { id: next.id, calls: unpackList(next.calls, 'shared') }
      requests.push(request)
      calls += request.calls.length
    }
    if (calls >= MAX_GATHERED_CALLS || parentPort === null) break
    next = receiveMessageOnPort(parentPort)?.message
  }
  return { requests, listening, closing: false }
}

function answer(
  engine: SqliteEngine,
  requests: readonly CallsRequest[],
  reply: (message: WorkerReply) => void,
): void {
  if (requests.length === 0) return
  const outcomes = engine.run(requests.flatMap((request) => request.calls))
  let from = 0
  for (const { id, calls } of requests) {
    const own: readonly CallOutcome[] = outcomes.slice(from, from + calls.length)
    reply({ kind: 'answers', id, outcomes: packList(own) })
    from += calls.length
  }
}

host(workerData)
