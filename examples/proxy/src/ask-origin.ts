/** Asks the origin, as `fetch` would, but hands on what it says as it is: `fetch` undoes compression. */

import { Agent, type IncomingMessage, request } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { connectionFields } from './connection-fields.ts'

/** More requests than this wait for a connection. */
const CONNECTIONS_MAX = 256
/** An origin that says nothing for so long is gone. */
const SILENCE_MS = 30_000
/** RFC 9110, 7.6.3. */
const VIA = '1.1 tiercel-proxy'
/** Answers that have no body; `Response` refuses one. */
const BODILESS = new Set([204, 205, 304])

export class AskOrigin {
  readonly #origin: URL
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX })

  constructor(origin: URL) {
    this.#origin = origin
  }

  /** As soon as the head is here. @throws if the origin is gone, or answers with what is no status */
  async ask(asked: Request): Promise<Response> {
    const { method, headers } = asked
    const { pathname, search } = new URL(asked.url)
    const sent = request({
      agent: this.#agent,
      host: this.#origin.hostname,
      port: this.#origin.port || 80,
      path: pathname + search,
      method,
      headers: [...headers, ['via', VIA]].flat(),
      timeout: SILENCE_MS,
    })
    const head = new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve)
      // What comes after a head is told by the body: whole, or broken off.
      sent.on('error', reject)
      sent.on('timeout', () => sent.destroy(new Error('The origin is silent.')))
    })
    const sending =
      asked.body === null ? sent.end() : pipeline(Readable.fromWeb(asked.body as never), sent)
    await Promise.all([head, sending])
    return webResponse(await head, method)
  }

  /** Connections that nobody uses are closed. */
  close(): void {
    this.#agent.destroy()
  }
}

function webResponse(from: IncomingMessage, method: string): Response {
  const { statusCode: status = 0, statusMessage, rawHeaders } = from
  const headers = new Headers()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
  }
  for (const name of connectionFields(headers)) headers.delete(name)
  headers.append('via', VIA)
  const bare = method === 'HEAD' || BODILESS.has(status)
  try {
    const body = bare ? null : (Readable.toWeb(from) as ReadableStream<Uint8Array>)
    if (bare) from.resume()
    return new Response(body, { status, statusText: statusMessage ?? '', headers })
  } catch (error) {
    from.destroy()
    throw error
  }
}
