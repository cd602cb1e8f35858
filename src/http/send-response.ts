/** Web responses to clients of Node: used by `answer-node.ts`, and for what comes by way of `handler-answer.ts`. */

import type { NodeResponseLike } from './node-like.ts'

/** Writes a response to a client of Node; ends early, and quietly, if the client is gone. */
export async function sendResponse(
  to: Pick<NodeResponseLike, 'setHeader' | 'writeHead' | 'write' | 'end'>,
  res: NodeResponseLike,
  response: Response,
): Promise<void> {
  const reader = response.body?.getReader()
  const cookies = response.headers.getSetCookie()
  for (const [name, value] of response.headers) {
    if (name !== 'set-cookie') to.setHeader(name, value)
  }
  if (cookies.length > 0) to.setHeader('set-cookie', cookies)
  to.writeHead(response.status)
  if (reader === undefined) return void to.end()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      if (!to.write(value)) await room(res)
      if (res.destroyed) return await reader.cancel()
    }
    to.end()
  } catch (error) {
    // The head is out: that it broke off can be told in no other way.
    res.destroy(error instanceof Error ? error : undefined)
  }
}

/** The client has taken what was written, or is gone. */
async function room(res: NodeResponseLike): Promise<void> {
  while (res.writableNeedDrain && !res.destroyed) {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        res.off('drain', done)
        res.off('close', done)
        resolve()
      }
      res.once('drain', done)
      res.once('close', done)
    })
  }
}
