/** The steps on writes that wait for the source. */

import type {
  DeadLetter,
  DeadPage,
  EnqueueAnswer,
  EnqueueRequest,
  PendingSteps,
  QueuePage,
  QueuePlace,
  QueueState,
  SettleAnswer,
  SettleOutcome,
  SettleRequest,
  TakeAnswer,
  TakeRequest,
  WaitingPage,
  WaitingWrite,
} from '../contracts/pending-steps.ts'
import type { ShardMoment } from '../contracts/shared-tier.ts'
import type { Numbered, Sender } from '../shard/index.ts'
import { collectionOf } from './collection-of.ts'
import { itemKeys } from './item-keys.ts'
import { keyArgs } from './key-args.ts'
import { packTags } from './pack-tags.ts'
import { readPending } from './read-pending.ts'
import { scriptNumber } from './script-number.ts'
import { dueScript } from './scripts/due-script.ts'
import { enqueueScript } from './scripts/enqueue-script.ts'
import { fetchScript } from './scripts/fetch-script.ts'
import { backlogScript, lookScript, scanQueueScript } from './scripts/list-scripts.ts'
import { deadScript, hastenScript, reviveScript, waitsScript } from './scripts/queue-scripts.ts'
import { settleScript } from './scripts/settle-script.ts'
import type { StepRunner } from './step-runner.ts'

export class QueueSteps {
  readonly #runner: StepRunner

  constructor(runner: StepRunner) {
    this.#runner = runner
  }

  /** All of one collection, which keeps all or the last. */
  async enqueue(
    shard: number,
    sender: Sender,
    requests: readonly EnqueueRequest[],
  ): Numbered<EnqueueAnswer> {
    const { names } = this.#runner
    const [first] = requests
    const { most, keep } = first ?? { most: { records: 0, bytes: 0 }, keep: 'last' }
    const stepped = await this.#runner.mutate(enqueueScript, shard, {
      keys: names.queue(shard, first?.collection ?? ''),
      args: {
        mostRecords: String(most.records),
        mostBytes: String(most.bytes),
        mostOverdue: most.overdueMs === undefined ? '' : String(most.overdueMs),
        keep,
      },
      sender,
      items: requests.map((request) => ({
        keys: { ...itemKeys(names, shard, request), earlier: names.earlier(shard, request.id) },
        args: {
          ...keyArgs(request),
          tags: packTags(request.tags),
          rest: restOf(request),
        },
        numbers: { op: KINDS[request.kind], delay: request.delayMs },
      })),
    })
    if ('late' in stepped) return stepped
    const { answer, moment } = stepped
    const { from, kinds, records, bytes, overdueMs } = answer
    const late = most.overdueMs === undefined ? {} : { overdueMs }
    const backlog = { records, bytes, ...late }
    const answers = kinds.map((kind, at): EnqueueAnswer => {
      if (kind === 'queued') return { kind, backlog, ...moment, sequence: from + at }
      return kind === 'full' ? { kind, backlog, ...moment } : { kind, ...moment }
    })
    return { late: undefined, answers }
  }

  async take(request: TakeRequest): Promise<TakeAnswer> {
    const { names } = this.#runner
    const { shard, collection, owner, leaseMs, limit, maxBytes } = request
    const keys = names.queue(shard, collection)
    const { answer, moment } = await this.#runner.run(dueScript, shard, {
      keys,
      args: { owner, leaseMs: scriptNumber.life(leaseMs), limit: String(limit) },
      items: [],
    })
    const { heldMs, records, bytes, dead, ids, nextMs, epochs } = answer
    const about = { backlog: { records, bytes }, dead, ...moment }
    if (heldMs !== undefined) return { kind: 'held', remainingMs: heldMs, ...about }
    const taken = ids.length === 0 ? [] : await this.#fetch({ shard, collection }, ids, maxBytes)
    const oldest = taken.reduce((most, { queuedMs }) => Math.max(most, queuedMs), 0)
    const all = taken.length === ids.length
    return {
      kind: 'taken',
      records: taken,
      epochs,
      nextMs: all ? nextMs : 0,
      oldestMs: oldest,
      ...about,
    }
  }

  async #fetch(
    { shard, collection }: QueuePlace,
    ids: readonly string[],
    maxBytes: number,
  ): Promise<readonly WaitingWrite[]> {
    const { names } = this.#runner
    const { answer, moment } = await this.#runner.run(fetchScript, shard, {
      keys: names.queue(shard, collection),
      args: { maxBytes: String(maxBytes) },
      items: ids.map((id) => ({
        keys: { entry: names.entry(shard, id), earlier: names.earlier(shard, id) },
        args: { id },
      })),
    })
    return answer.flatMap((bytes, at) => {
      const id = ids[at] ?? ''
      const pending = bytes.length === 0 ? undefined : readPending(bytes, moment.epoch)
      return pending === undefined ? [] : [recordOf(id, pending, moment.serverNow)]
    })
  }

  async settle(
    shard: number,
    requests: readonly SettleRequest[],
  ): Promise<readonly SettleAnswer[]> {
    const { names } = this.#runner
    const answers: SettleAnswer[] = []
    for (const collection of new Set(requests.map((request) => request.collection))) {
      const places = [...requests.keys()].filter((at) => requests[at]?.collection === collection)
      const own = places.map((at) => requests[at] as SettleRequest)
      const { answer, moment } = await this.#runner.run(settleScript, shard, {
        keys: names.queue(shard, collection),
        args: {},
        items: own.map((request) => ({
          keys: { ...itemKeys(names, shard, request), earlier: names.earlier(shard, request.id) },
          args: {
            ...keyArgs(request),
            seenEpoch: request.epoch,
            outcome: request.outcome.kind,
            value: textOf(request.outcome),
          },
          numbers: { version: request.version },
        })),
      })
      for (const [index, at] of places.entries()) {
        const kind = answer[index]
        if (kind !== undefined) answers[at] = { kind, ...moment }
      }
    }
    return answers
  }

  hasten: PendingSteps['hasten'] = async (place, id, upTo): Promise<ShardMoment> => {
    const { moment } = await this.#runner.run(hastenScript, place.shard, {
      keys: this.#runner.names.queue(place.shard, place.collection),
      args: { id: id ?? '', upTo: String(upTo ?? Number.MAX_SAFE_INTEGER) },
      items: [],
    })
    return moment
  }

  waits: PendingSteps['waits'] = async (place, upTo, id) => {
    const { answer } = await this.#runner.run(waitsScript, place.shard, {
      keys: this.#runner.names.queue(place.shard, place.collection),
      args: { id: id ?? '', upTo: String(upTo) },
      items: [],
    })
    return answer
  }

  backlog: PendingSteps['backlog'] = async (place): Promise<QueueState> => {
    const { answer } = await this.#runner.run(backlogScript, place.shard, {
      keys: this.#runner.names.queue(place.shard, place.collection),
      args: {},
      items: [],
    })
    const { oldest, ...known } = answer
    const waiting = oldest === undefined ? [] : await this.#look(place, [oldest])
    return { ...known, oldestMs: waiting[0]?.queuedMs ?? 0 }
  }

  list: PendingSteps['list'] = async (place, page): Promise<WaitingPage> => {
    const { id, limit } = page
    const { ids, cursor } =
      id === undefined ? await this.#scan(place, page) : { ids: [id], cursor: undefined }
    const writes: WaitingWrite[] = []
    for (let from = 0; from < ids.length; from += limit) {
      writes.push(...(await this.#look(place, ids.slice(from, from + limit))))
    }
    return { writes, cursor }
  }

  async #scan(
    { shard, collection }: QueuePlace,
    { cursor = '0', limit }: QueuePage,
  ): Promise<{ readonly ids: readonly string[]; readonly cursor: string | undefined }> {
    const { answer } = await this.#runner.run(scanQueueScript, shard, {
      keys: this.#runner.names.queue(shard, collection),
      args: { cursor, limit: String(limit) },
      items: [],
    })
    return answer
  }

  async #look(
    { shard, collection }: QueuePlace,
    ids: readonly string[],
  ): Promise<readonly WaitingWrite[]> {
    const { names } = this.#runner
    const { answer, moment } = await this.#runner.run(lookScript, shard, {
      keys: names.queue(shard, collection),
      args: {},
      items: ids.map((id) => ({
        keys: { entry: names.entry(shard, id), earlier: names.earlier(shard, id) },
        args: {},
      })),
    })
    return answer.flatMap((all, at) =>
      all.flatMap((bytes) => {
        const pending = readPending(bytes)
        return pending === undefined ? [] : [recordOf(ids[at] ?? '', pending, moment.serverNow)]
      }),
    )
  }

  dead: PendingSteps['dead'] = async (place, { id, cursor, limit }): Promise<DeadPage> => {
    const { answer, moment } = await this.#runner.run(deadScript, place.shard, {
      keys: this.#runner.names.queue(place.shard, place.collection),
      args: { id: id ?? '', after: cursor ?? '', limit: String(limit) },
      items: [],
    })
    const { letters, more } = answer
    return {
      letters: letters.flatMap((one) => letterOf(one.id, one.bytes, moment.serverNow) ?? []),
      cursor: more ? letters.at(-1)?.id : undefined,
    }
  }

  revive: PendingSteps['revive'] = (place, ids) => this.#revive(place, ids, 'revive')

  drop: PendingSteps['drop'] = (place, ids) => this.#revive(place, ids, 'drop')

  async #revive(
    { shard, collection }: QueuePlace,
    ids: readonly string[],
    how: 'revive' | 'drop',
  ): Promise<number> {
    const { names } = this.#runner
    const { answer } = await this.#runner.run(reviveScript, shard, {
      keys: names.queue(shard, collection),
      args: { how },
      items: ids.map((id) => ({
        keys: itemKeys(names, shard, { id }),
        args: keyArgs({ id }),
      })),
    })
    return answer
  }
}

const KINDS = { create: 0, put: 1, remove: 2 } as const

/** The life of the entry afterwards, the tags to remove, and the envelope. */
function restOf({ ttlMs, graceMs, removes, envelope }: EnqueueRequest): Uint8Array {
  const tags = packTags(removes)
  const bytes = Buffer.allocUnsafe(LIFE_BYTES + tags.length + envelope.length)
  bytes.writeDoubleLE(ttlMs, 0)
  bytes.writeDoubleLE(graceMs, 8)
  bytes.set(tags, LIFE_BYTES)
  bytes.set(envelope, LIFE_BYTES + tags.length)
  return bytes
}

const LIFE_BYTES = 16

function textOf(outcome: SettleOutcome): string {
  switch (outcome.kind) {
    case 'retry':
      return String(outcome.delayMs)
    case 'raise':
      return String(outcome.above)
    case 'dead':
      return outcome.error
    default:
      return ''
  }
}

function recordOf(
  id: string,
  pending: NonNullable<ReturnType<typeof readPending>>,
  serverNow: number,
): WaitingWrite {
  const { storedAt, ...known } = pending
  return { id, collection: collectionOf(id), ...known, queuedMs: Math.max(0, serverNow - storedAt) }
}

/** When it died and why stand before the bytes of the write. */
function letterOf(id: string, bytes: Uint8Array, serverNow: number): DeadLetter | undefined {
  if (bytes.length < ERROR_AT) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = ERROR_AT + view.getUint32(8, true)
  const pending = readPending(bytes.subarray(end))
  if (pending === undefined) return undefined
  const error = new TextDecoder().decode(bytes.subarray(ERROR_AT, end))
  return { ...recordOf(id, pending, serverNow), error, diedAt: view.getFloat64(0, true) }
}

const ERROR_AT = 12
