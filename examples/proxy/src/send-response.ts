import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** A response of the web to a client of Node, at its pace. Who has gone is no error. */
export async function sendResponse(res: ServerResponse, response: Response): Promise<void> {
  const { status, statusText, headers, body } = response
  for (const [name, value] of headers) if (name !== 'set-cookie') res.setHeader(name, value)
  const cookies = headers.getSetCookie()
  if (cookies.length > 0) res.setHeader('set-cookie', cookies)
  res.writeHead(status, statusText)
  if (body === null) return void res.end()
  // What breaks off here breaks off there: the head is out, and nothing else could tell it.
  await pipeline(Readable.fromWeb(body as never), res).catch(() => {})
}
