/** RFC 9110, 7.6.1: what concerns one connection, and ends with it. */
const OF_THE_CONNECTION = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]

/** Those that are always meant, and those that `Connection` names. */
export function connectionFields(headers: Headers): string[] {
  const named = (headers.get('connection') ?? '').split(',').map((name) => name.trim())
  return [...named.filter((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name)), ...OF_THE_CONNECTION]
}
