/** Errors of a server as a `TierError` with a plain word, and what a person can do about them. */

import { TierError } from '../contracts/errors.ts'
import type { RedisError } from './connection/redis-error.ts'
import { PROTOCOL_VERSION } from './protocol-version.ts'

const WORDS: Readonly<Record<string, string>> = {
  NOREPLICAS: 'Redis refuses writes, since too few of its replicas are connected.',
  READONLY: 'This Redis is a replica and takes no writes: a failover may be under way.',
  CLUSTERDOWN: 'The Redis cluster is down: some of its slots are not served.',
  MASTERDOWN: 'This Redis is a replica that has lost its master.',
  TRYAGAIN: 'The slot is being moved to another node of the Redis cluster.',
  LOADING: 'Redis is loading its data.',
  BUSY: 'Redis is busy with a script.',
  OOM: 'Redis is full: raise `maxmemory`, or let it evict with `volatile-lru`.',
  MISCONF: 'Redis refuses writes, since it could not save its data: see its log.',
  NOPERM: 'The user of this connection may not run what the cache needs: see its ACL.',
  WRONGTYPE: 'A key of this cache holds something else: another program writes under its name.',
  TIERCEL: `A newer release works on this cache, with another protocol than ${PROTOCOL_VERSION}. Nothing was changed: use that release, or another name.`,
}

/** What a server says that is there: it would carry out another step. */
const OF_A_STEP = ['OOM', 'MISCONF', 'NOREPLICAS', 'READONLY', 'NOPERM', 'WRONGTYPE']

export function errorOfReply(error: RedisError): TierError {
  const word = WORDS[error.code] ?? `Redis answered with the error ${error.code}.`
  const scope = OF_A_STEP.includes(error.code) ? 'step' : 'tier'
  return new TierError('redis', word, { cause: error, scope })
}
