/**
 * One command to a Redis server over a socket of its own, without any client library: to know when
 * a server is ready, and to judge from outside what a client has done.
 */

import { connect } from 'node:net'
import { parseReply, type RespReply } from './resp-reply.ts'

/** Rejects with the server's error, and if the connection ends before the reply. */
export function askRedis(port: number, command: readonly (string | number)[]): Promise<RespReply> {
  const { promise, resolve, reject } = Promise.withResolvers<RespReply>()
  const socket = connect({ port, host: '127.0.0.1' })
  let received = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    received = Buffer.concat([received, chunk])
    const parsed = parseReply(received, 0)
    if (parsed === undefined) return
    if (parsed.reply instanceof Error) reject(parsed.reply)
    else resolve(parsed.reply)
    socket.destroy()
  })
  socket.on('error', reject)
  socket.on('close', () => reject(new Error('The connection ended before the reply.')))
  socket.write(encode(command))
  return promise
}

function encode(command: readonly (string | number)[]): string {
  const parts = command.map(String).map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`)
  return `*${parts.length}\r\n${parts.join('')}`
}
