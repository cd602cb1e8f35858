/** One reply of a Redis server, read from bytes. https://redis.io/docs/latest/develop/reference/protocol-spec/ */

export type RespReply = string | number | null | Error | RespReply[]

export interface ParsedReply {
  readonly reply: RespReply
  /** Where the next reply begins. */
  readonly end: number
}

/** `undefined` while the reply is not there as a whole. Version 2 of the protocol. */
export function parseReply(bytes: Buffer, at: number): ParsedReply | undefined {
  const lineEnd = bytes.indexOf('\r\n', at)
  if (lineEnd < 0) return undefined
  const line = bytes.toString('utf8', at + 1, lineEnd)
  const next = lineEnd + 2
  switch (String.fromCharCode(bytes[at] ?? 0)) {
    case '+':
      return { reply: line, end: next }
    case '-':
      return { reply: new Error(line), end: next }
    case ':':
      return { reply: Number(line), end: next }
    case '$':
      return Number(line) < 0 ? { reply: null, end: next } : bulk(bytes, next, Number(line))
    case '*':
      return Number(line) < 0 ? { reply: null, end: next } : list(bytes, next, Number(line))
    default:
      throw new Error(`Not a reply: ${line}`)
  }
}

function bulk(bytes: Buffer, at: number, length: number): ParsedReply | undefined {
  if (bytes.length < at + length + 2) return undefined
  return { reply: bytes.toString('utf8', at, at + length), end: at + length + 2 }
}

function list(bytes: Buffer, at: number, length: number): ParsedReply | undefined {
  const replies: RespReply[] = []
  let end = at
  while (replies.length < length) {
    const parsed = parseReply(bytes, end)
    if (parsed === undefined) return undefined
    replies.push(parsed.reply)
    end = parsed.end
  }
  return { reply: replies, end }
}
