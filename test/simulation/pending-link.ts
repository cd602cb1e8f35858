/** The steps on writes that wait, as they travel over a `FaultyLink`. */

import type { EnqueueRequest } from '../../src/contracts/pending-steps.ts'
import type { PendingLink } from '../../src/shard/index.ts'
import type { QueuedWrite } from './queue-judge.ts'
import type { Step } from './shard-site.ts'

export type QueuedWrites = (
  requests: readonly EnqueueRequest[],
) => readonly (QueuedWrite | undefined)[]

type Ask = <T>(shard: number, step: Step<T>) => Promise<T>

/** `removal`: a full server carries it out. */
export function pendingLink(ask: Ask, queuedWrites: QueuedWrites): PendingLink {
  const ask1 = <T>(shard: number, name: string, run: Step<T>['run']): Promise<T> =>
    ask(shard, { name, kind: 'removal', run })
  return {
    durability: Promise.resolve('memory'),
    enqueue: (shard, sender, requests) =>
      ask(shard, {
        name: `enqueue ${sender.operation} ${idsOf(requests)}`,
        kind: 'write',
        queue: { kind: 'enqueue', writes: queuedWrites(requests) },
        run: ({ engine }) => engine.enqueue(sender, requests),
      }),
    take: (request) =>
      ask(request.shard, {
        name: `take by ${request.owner}`,
        kind: 'removal',
        queue: { kind: 'take', request },
        run: ({ engine }) => engine.take(request),
      }),
    settle: (shard, requests) =>
      ask(shard, {
        name: `settle ${requests.map(({ id, version, outcome }) => `${id} ${version} ${outcome.kind}`).join(', ')}`,
        kind: 'removal',
        queue: { kind: 'settle', requests },
        run: ({ engine }) => engine.settle(requests),
      }),
    hasten: ({ shard, collection }, id, upTo) =>
      ask1(shard, 'hasten', ({ engine }) => engine.hasten(collection, id, upTo)),
    waits: ({ shard, collection }, upTo, id) =>
      ask1(shard, `waits ${upTo}`, ({ engine }) => engine.waits(collection, upTo, id)),
    backlog: ({ shard, collection }) =>
      ask1(shard, 'backlog', ({ engine }) => engine.backlog(collection)),
    list: ({ shard, collection }, page) =>
      ask1(shard, 'list', ({ engine }) => engine.list(collection, page)),
    dead: ({ shard, collection }, page) =>
      ask1(shard, 'dead', ({ engine }) => engine.dead(collection, page)),
    revive: ({ shard }, ids) => ask1(shard, 'revive', ({ engine }) => engine.revive(ids)),
    drop: ({ shard }, ids) => ask1(shard, 'drop', ({ engine }) => engine.drop(ids)),
  }
}

const idsOf = (requests: readonly EnqueueRequest[]): string =>
  requests.map(({ id }) => id).join(' ')
