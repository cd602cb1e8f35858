/** The `Cache-Status` field: RFC 9211. */

/** What the cache did for a request. Nothing of a key or a value. */
export interface Doing {
  /** 2.1: answered without the handler. */
  readonly hit?: boolean
  /** 2.2: why the handler was asked. */
  readonly fwd?: 'bypass' | 'method' | 'uri-miss' | 'vary-miss' | 'miss' | 'request' | 'stale'
  /** 2.3: what it answered, where that is not what the client sees. */
  readonly fwdStatus?: number
  /** 2.2. Seconds. */
  readonly ttlS?: number
  /** 2.5: the answer is kept. */
  readonly stored?: boolean
  /** 2.6: with others who asked for the same. */
  readonly collapsed?: boolean
  /** 2.8: one word. */
  readonly detail?: string
}

/** Adds to what caches nearer to the origin have said: 2. */
export function noteStatus(headers: Headers, name: string, doing: Doing): void {
  const parts = [name]
  if (doing.hit === true) parts.push('hit')
  if (doing.fwd !== undefined) parts.push(`fwd=${doing.fwd}`)
  if (doing.fwdStatus !== undefined) parts.push(`fwd-status=${doing.fwdStatus}`)
  if (doing.ttlS !== undefined) parts.push(`ttl=${Math.trunc(doing.ttlS)}`)
  if (doing.stored === true) parts.push('stored')
  if (doing.collapsed === true) parts.push('collapsed')
  if (doing.detail !== undefined) parts.push(`detail=${doing.detail}`)
  headers.append('cache-status', parts.join('; '))
}
