/**
 * Turns what drivers and servers report into words that are safe to show: no key, value, argument
 * or password survives. Used by every adapter of this folder before an error goes anywhere.
 */

import { CacheError } from '../../contracts/errors.ts'
import { Fault } from './fault.ts'
import { RedisError } from './redis-error.ts'

const LONGEST_MESSAGE = 200
const replyPattern = /^-?([A-Z][A-Z0-9_]*)(?: |$)/
/** From the first quote that is no apostrophe to the last; to the end where the server has cut it off. */
const quotedPattern = /(?<!\w)['"`](?:.*['"`]|.*$)/s
const systemCodePattern = /^[A-Z][A-Z0-9_]+$/

/** Texts of the drivers that say something, in the words that are shown for them. */
const knownFaults: readonly (readonly [RegExp, string])[] = [
  [/sentinels? (is|are) (unreachable|available)|connect to any sentinel/i, 'no sentinel answers'],
  [/no valid master|Master Node Not Enumerated/i, 'the sentinels know no master'],
  [/root nodes|startup nodes|slots cache/i, 'no node of the cluster answers'],
  [/timed? ?out|timeout/i, 'there was no answer in time'],
  [/clos|abort|offline|disconnect|writeable|max retries/i, 'the connection was closed'],
]

/** An error of the server as a value, or `undefined` if the error is the driver's or the platform's. */
export function redisErrorOf(error: unknown): RedisError | undefined {
  if (error instanceof RedisError) return error
  if (!(error instanceof Error) || systemCodeOf(error) !== undefined) return undefined
  const code = replyPattern.exec(error.message)?.[1]
  return code === undefined ? undefined : new RedisError(code, withoutArguments(error.message))
}

/** Why a connection failed, in words. */
export function describeFault(error: unknown): string {
  if (!(error instanceof Error)) return 'the driver failed'
  if (error instanceof Fault || error instanceof CacheError) return error.message
  const code = systemCodeOf(error)
  if (code !== undefined) return code
  const refused = redisErrorOf(error)
  // Whoever shows it puts a full stop behind it.
  if (refused !== undefined) return `the server answered: ${refused.message.replace(/\.$/, '')}`
  const known = knownFaults.find(([pattern]) => pattern.test(error.message))
  return known?.[1] ?? `the driver failed with a ${error.name}`
}

function systemCodeOf(error: Error): string | undefined {
  const { code } = error as { readonly code?: unknown }
  return typeof code === 'string' && systemCodePattern.test(code) ? code : undefined
}

/**
 * Servers quote what they were sent: an unknown command comes back with its arguments, which may hold
 * quotes themselves. Where the quoted word is the command alone, it stays: the reader needs it.
 */
function withoutArguments(message: string): string {
  const [, forbidden] = /^NOPERM .*\b(?:run|access) (?:the )?'([\w|]{1,40})' /.exec(message) ?? []
  if (forbidden !== undefined) return `NOPERM The user has no permission to run '${forbidden}'.`
  const [, unknown] = /^ERR unknown command ['`]([\w|]{1,40})['`]/.exec(message) ?? []
  if (unknown !== undefined) return `ERR The server does not know the command '${unknown}'.`
  const unquoted = message.replace(quotedPattern, '(...)')
  return unquoted.length > LONGEST_MESSAGE ? `${unquoted.slice(0, LONGEST_MESSAGE)}...` : unquoted
}
