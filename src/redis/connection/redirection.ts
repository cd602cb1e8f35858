/** A node's word that another one has the key. Read by `ClusterConnection`. */

import type { NodeAddress } from './node-client.ts'
import type { RedisReply } from './redis-connection.ts'
import { RedisError } from './redis-error.ts'

/** `moved`: for good. `ask`: this once, since the slot is on its way. */
export interface Redirection {
  readonly kind: 'moved' | 'ask'
  readonly slot: number
  readonly address: NodeAddress
}

const pattern = /^(MOVED|ASK) (\d+) (.*):(\d+)$/

/** `asked` stands in where the answer leaves the host out. */
export function readRedirection(reply: RedisReply, asked: string): Redirection | undefined {
  if (!(reply instanceof RedisError)) return undefined
  const [, kind, slot, host = '', port] = pattern.exec(reply.message) ?? []
  if (kind === undefined) return undefined
  return {
    kind: kind === 'MOVED' ? 'moved' : 'ask',
    slot: Number(slot),
    address: {
      host: host === '' || host === '?' ? asked.slice(0, asked.lastIndexOf(':')) : host,
      port: Number(port),
    },
  }
}
