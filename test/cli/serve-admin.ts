/** The admin API of a cache, served on a port of the loopback interface. */

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AdminOptions, adminListener, createAdmin } from '../../src/admin/index.ts'

const READ_TOKEN = 'canary-token-of-readers'
const WRITE_TOKEN = 'canary-token-of-writers'

export interface ServedAdmin extends AsyncDisposable {
  readonly url: string
  /** For commands: where, and with which right. */
  readonly write: readonly string[]
  readonly read: readonly string[]
}

export async function serveAdmin(cache: AdminOptions['cache']): Promise<ServedAdmin> {
  const admin = createAdmin({
    cache,
    tokens: { read: READ_TOKEN, write: WRITE_TOKEN },
    hosts: ['127.0.0.1'],
  })
  const server = createServer(adminListener(admin))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    write: ['--url', url, '--token', WRITE_TOKEN],
    read: ['--url', url, '--token', READ_TOKEN],
    async [Symbol.asyncDispose]() {
      admin.close()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
