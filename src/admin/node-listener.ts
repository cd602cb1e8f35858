/** Between `node:http` and the web's own words. Nothing is decided here. */

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Admin } from './admin-options.ts'

export type NodeListener = (incoming: IncomingMessage, outgoing: ServerResponse) => void

/**
 * For `createServer(adminListener(admin))`, and for frameworks that hand out Node's own request before
 * they have read its body.
 *
 * A framework may have cut the front of `url` off where it has mounted this; `originalUrl` has all of it.
 */
export function adminListener(admin: Admin): NodeListener {
  return (incoming, outgoing) => {
    void answer(admin, incoming, outgoing).catch(() => outgoing.destroy())
  }
}

async function answer(
  admin: Admin,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  // Who goes away in the middle must not end the process.
  incoming.on('error', () => {})
  outgoing.on('error', () => {})
  const request = requestOf(incoming)
  if (request === undefined) {
    outgoing.writeHead(400, { connection: 'close' }).end()
    return
  }
  const { rawHeaders, socket } = incoming
  const origin = { remoteAddress: socket.remoteAddress, rawHeaders }
  const { status, headers, body } = await admin.fetch(request, origin)
  for (const [name, value] of headers) outgoing.setHeader(name, value)
  // What is left of a body that was refused is not read, so nothing can follow it; and nothing is to follow
  // what is live, or a server that closes would wait for the next request.
  const isLive = headers.get('content-type') === 'text/event-stream'
  if (!incoming.complete || isLive) outgoing.setHeader('connection', 'close')
  outgoing.writeHead(status)
  if (body === null) outgoing.end()
  else await send(body, outgoing)
}

/** `undefined`: no address can be made of it, as of `GET http://elsewhere/`, which is for proxies. */
function requestOf(incoming: IncomingMessage): Request | undefined {
  const { originalUrl } = incoming as { readonly originalUrl?: unknown }
  const path = typeof originalUrl === 'string' ? originalUrl : incoming.url
  const scheme = 'encrypted' in incoming.socket ? 'https' : 'http'
  // HTTP/1.0 need not say by what name it asks; then it is none that is allowed.
  const url = URL.parse(`${scheme}://${incoming.headers.host || 'nameless.invalid'}${path}`)
  if (url === null || !path?.startsWith('/')) return undefined
  const { method = 'GET' } = incoming
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, String(value))
  }
  try {
    if (method === 'GET' || method === 'HEAD') return new Request(url, { method, headers })
    const body = ReadableStream.from(incoming.iterator({ destroyOnReturn: false }))
    return new Request(url, { method, headers, body, duplex: 'half' })
  } catch {
    // CONNECT and TRACE, which no web request can have.
    return undefined
  }
}

/** As fast as it is taken; ends with whoever ends first. */
async function send(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  outgoing: ServerResponse,
): Promise<void> {
  const reader = body.getReader()
  const gone = (): void => void reader.cancel().catch(() => {})
  // Who has gone before is told to no listener.
  if (outgoing.destroyed) {
    gone()
    return
  }
  outgoing.once('close', gone)
  outgoing.flushHeaders()
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (!outgoing.write(next.value)) await drained(outgoing)
  }
  outgoing.end()
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const over = (): void => {
      outgoing.off('drain', over).off('close', over)
      resolve()
    }
    outgoing.on('drain', over).on('close', over)
    if (outgoing.destroyed) over()
  })
}
