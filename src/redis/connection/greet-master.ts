/** The first look at a server that commands shall go to. Called for each new connection. */

import type { ConnectionLife } from './connection-life.ts'
import { describeFault } from './describe-fault.ts'
import { readInfo } from './read-info.ts'
import { RedisError } from './redis-error.ts'

/** Answers in words why the server is of no use for now; `undefined` if it takes commands. */
export async function greetMaster(life: ConnectionLife): Promise<string | undefined> {
  const replies = await life.send([
    ['INFO', 'replication'],
    ['INFO', 'persistence'],
  ])
  for (const reply of replies) {
    // Without the right to INFO the server is taken as it is.
    if (reply instanceof RedisError && reply.code !== 'NOPERM') {
      return describeFault(reply)
    }
  }
  const [replication = null, persistence = null] = replies
  if (readInfo(replication)['role'] === 'slave')
    return 'the server is a replica, and takes no writes'
  if (readInfo(persistence)['loading'] === '1') return 'the server is loading its data'
  return undefined
}
