import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { connectionFields } from './connection-fields.ts'

/** A request of Node as one of the web, without what concerns its connection alone. `undefined`: it is none. */
export function webRequest(req: IncomingMessage): Request | undefined {
  const { method = 'GET', url = '', headers: given, rawHeaders } = req
  // The host stands in the key of what is kept, and a path that begins with two slashes would name another.
  if (!/^[\w.:[\]-]+$/.test(given.host ?? '') || !url.startsWith('/')) return undefined
  try {
    const headers = new Headers()
    for (let at = 0; at < rawHeaders.length; at += 2) {
      headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '')
    }
    for (const name of connectionFields(headers)) headers.delete(name)
    const hasBody = method !== 'GET' && method !== 'HEAD'
    return new Request(`http://${given.host}${url}`, {
      method,
      headers,
      ...(hasBody && { body: Readable.toWeb(req), duplex: 'half' }),
    } as RequestInit)
  } catch {
    // CONNECT and TRACE, say, which are for no proxy that stands before an origin.
    return undefined
  }
}
