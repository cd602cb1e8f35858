/** A port for a private server. Called by those that start one. */

import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

/** Of the loopback interface. Somebody else may take it before the server does. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
