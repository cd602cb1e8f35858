/** A caching reverse proxy: Node's server, the HTTP cache behind it, and the origin behind that. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Redis } from 'ioredis'
import { createCache } from 'tiercel'
import { createHttpCache, type HttpCache } from 'tiercel/http'
import { redisTier } from 'tiercel/redis'
import { AskOrigin } from './ask-origin.ts'
import type { ProxySettings } from './read-settings.ts'
import { sendResponse } from './send-response.ts'
import { webRequest } from './web-request.ts'

export interface Proxy {
  readonly address: string
  /** Answers go out first, then the cache is closed. */
  close(): Promise<void>
}

const MEMORY = { entries: 50_000, bytes: 256 * 1_024 * 1_024 }

/** @throws if it cannot listen there */
export async function startProxy(settings: ProxySettings): Promise<Proxy> {
  const { host, port, redisUrl } = settings
  // The tier opens connections of its own after this client's example; it itself never connects.
  const shared = redisUrl && redisTier(new Redis(redisUrl, { lazyConnect: true }))
  const cache = createCache({ name: 'proxy', memory: MEMORY, ...(shared && { shared }) })
  // An origin that says when something changed, and not how long it holds, has a tenth of its age: RFC 9111, 4.2.2.
  const http = createHttpCache({ cache, heuristics: { share: 0.1, most: '1d' } })
  const origin = new AskOrigin(settings.origin)
  const server = createServer((req, res) => void answer(http, origin, req, res))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  }).catch(async (error) => {
    await cache.close()
    throw error
  })
  return {
    address: `http://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      await new Promise((resolve) => server.close(resolve))
      origin.close()
      await cache.close()
    },
  }
}

/** Never rejects. */
async function answer(
  http: HttpCache,
  origin: AskOrigin,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const request = webRequest(req)
  if (request === undefined) return void res.writeHead(400).end()
  try {
    await sendResponse(res, await http.handle(request, (asked) => origin.ask(asked)))
  } catch {
    // The origin has not answered, and nothing that is kept may stand in for it.
    if (res.headersSent) res.destroy()
    else res.writeHead(502).end()
  }
}
