/** Who is logged in: kept by the cache alone, for as long as it is asked for. */

import { randomBytes } from 'node:crypto'
import type { Cache, Collection, Reading, Store } from 'tiercel'
import type { Source } from '../database/source.ts'
import { RequestError } from '../server/request-error.ts'
import { noUser } from './no-user.ts'
import type { Session, User } from './people.ts'
import { userTags } from './user-tags.ts'

/** Nobody guesses one of 2^192. */
const ID_BYTES = 24

interface Parts {
  readonly cache: Cache
  readonly source: Source
  readonly users: Collection<number, User>
}

export class Sessions {
  readonly #source: Source
  readonly #users: Collection<number, User>
  readonly #sessions: Collection<string, Session>

  constructor({ cache, source, users }: Parts) {
    this.#source = source
    this.#users = users
    this.#sessions = cache.collection<string, Session>('session', {
      store: nowhere(cache),
      write: { create: 'through' },
      // One that nobody keeps would be gone at its first use; better said at once.
      whenUnprotected: 'reject',
      tagsOf: ({ userId }) => [userTags.sessionsOf(userId)],
      ttl: '20m',
      renewal: 'sliding',
      jitter: 0,
      workload: 'read-heavy',
    })
  }

  /** @throws RequestError with 404 if there is no such user, 503 where nobody would keep the session. */
  async begin(userId: number): Promise<Session> {
    const startedAt = Date.now()
    const [user] = await this.#source.all(
      'UPDATE users SET "lastLoginAt" = $1 WHERE id = $2 RETURNING id',
      [startedAt, userId],
    )
    if (user === undefined) throw new RequestError(404, noUser('userId', userId))
    // The user says when that was, and is asked for next; lists of users say it when they are loaded.
    await this.#users.delete(userId)
    await this.#users.get(userId)
    const session = { id: randomBytes(ID_BYTES).toString('base64url'), userId, startedAt }
    const { protected: kept } = await this.#sessions.create(session.id, session)
    if (!kept) throw new RequestError(503, CANNOT_TELL)
    return session
  }

  /** Lives for 20 minutes more from now, and so does what is cached of its user for its month. */
  async read(id: string): Promise<Reading<Session>> {
    const reading = await this.#sessions.read(id)
    if (reading.found) this.#users.noteActivity(reading.value.userId)
    return reading
  }
}

const CANNOT_TELL = { field: 'server', message: 'Sessions cannot be kept now; try again.' }

/**
 * A source that has nothing: what the cache does not hold any more is over. Where the shared tier does
 * not answer nobody knows, and a session that may well be open is not called ended.
 */
function nowhere(cache: Cache): Store<string, Session> {
  return {
    fencing: 'unfenced',
    load: async () => {
      const { shared } = await cache.usage()
      if (shared === undefined) throw new RequestError(503, CANNOT_TELL)
      return undefined
    },
    apply: async (writes) => writes.map(() => ({ kind: 'applied' })),
  }
}
