/** The limit of acknowledging over Redis: a bare `XADD` of the record, which nobody drains. */

import { Redis } from 'ioredis'
import type { Writer } from './writer.ts'
import { changedItem } from './written-table.ts'

/** Older ones are dropped, roughly, so that passes do not fill the memory. */
const kept = 100_000

export function openRawAppends(port: number): Writer {
  // Commands of one tick travel together, as ours do.
  const client = new Redis({ port, host: '127.0.0.1', enableAutoPipelining: true })
  return {
    write: (id, turn) => {
      const text = JSON.stringify(changedItem(id, turn))
      return client.xadd('bench:raw', 'MAXLEN', '~', kept, '*', 'id', id, 'value', text)
    },
    close: async () => client.disconnect(),
  }
}
