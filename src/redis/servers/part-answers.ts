/**
 * A session that never says no for all of a call because of some of it: what could not be asked is an
 * error in its places, even if it is all of them.
 *
 * A session over one server rejects then, which tells its caller that there is nothing to ask for a
 * while. Where one of several servers is dead, that would be wrong: the next key may live on another.
 * What has no places for its errors rejects, with the word that it is about a part.
 */

import { TierError } from '../../contracts/errors.ts'
import type { Answers, SharedSession } from '../../contracts/shared-tier.ts'

export function partAnswers(session: SharedSession): SharedSession {
  let isClosed = false
  const inPlaces = async <T>(items: readonly unknown[], answers: Answers<T>): Answers<T> => {
    try {
      return await answers
    } catch (error) {
      if (isClosed || !(error instanceof TierError)) throw error
      return items.map(() => error)
    }
  }
  const partly = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (error) {
      if (isClosed || !(error instanceof TierError)) throw error
      const { tier, message, cause } = error
      throw new TierError(tier, message, { ...(cause !== undefined && { cause }), scope: 'part' })
    }
  }
  const { locks, pending, idle } = session
  return {
    ready: session.ready,
    waitPollMs: session.waitPollMs,
    shards: session.shards,
    hints: session.hints,
    mark: session.mark,
    locks: {
      acquire: (request) => partly(locks.acquire(request)),
      renew: (request) => partly(locks.renew(request)),
      release: (request) => partly(locks.release(request)),
      remaining: (name) => partly(locks.remaining(name)),
    },
    pending: {
      get durability() {
        return pending.durability
      },
      enqueue: (requests) => inPlaces(requests, pending.enqueue(requests)),
      take: (request) => partly(pending.take(request)),
      settle: (requests) => inPlaces(requests, pending.settle(requests)),
      hasten: (...given) => partly(pending.hasten(...given)),
      waits: (place, upTo, id) => partly(pending.waits(place, upTo, id)),
      backlog: (place) => partly(pending.backlog(place)),
      list: (place, page) => partly(pending.list(place, page)),
      dead: (place, page) => partly(pending.dead(place, page)),
      revive: (place, ids) => partly(pending.revive(place, ids)),
      drop: (place, ids) => partly(pending.drop(place, ids)),
    },
    idle: {
      note: (keys, everyMs) => partly(idle.note(keys, everyMs)),
      begin: (token) => partly(idle.begin(token)),
      sweep: (request) => partly(idle.sweep(request)),
      save: (note) => partly(idle.save(note)),
    },
    place: (key) => session.place(key),
    listen: (listener) => session.listen(listener),
    read: (keys) => inPlaces(keys, session.read(keys)),
    claim: (requests, options) => inPlaces(requests, session.claim(requests, options)),
    fill: (values) => inPlaces(values, session.fill(values)),
    renewLeases: (requests, options) => partly(session.renewLeases(requests, options)),
    release: (requests) => partly(session.release(requests)),
    set: (values) => inPlaces(values, session.set(values)),
    touch: (requests) => inPlaces(requests, session.touch(requests)),
    invalidate: (what) => partly(session.invalidate(what)),
    atomic: (operations) => partly(session.atomic(operations)),
    sweepPattern: (shard, number) => session.sweepPattern(shard, number),
    beginIntent: (requests) => inPlaces(requests, session.beginIntent(requests)),
    endIntent: (requests) => inPlaces(requests, session.endIntent(requests)),
    follow: (request) => session.follow(request),
    leave: () => session.leave(),
    standings: (shard) => partly(session.standings(shard)),
    scan: (collection, cursor, limit) => partly(session.scan(collection, cursor, limit)),
    usage: () => partly(session.usage()),
    close: () => {
      isClosed = true
      return session.close()
    },
  }
}
