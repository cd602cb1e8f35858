/** Checks of what `createAdmin` is given. A token that is refused is never shown. */

import { ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known, type KnownCheck } from '../contracts/known-options.ts'
import type { Duration } from '../contracts/options.ts'
import type { AdminOptions } from './admin-options.ts'
import { digestOf } from './same-secret.ts'

export interface TokenDigests {
  readonly read: Uint8Array | undefined
  readonly write: Uint8Array | undefined
}

export interface ResolvedAdminOptions {
  readonly digests: TokenDigests
  /** Without a slash at its end; empty: the root. */
  readonly base: string
  /** In lower case. */
  readonly hosts: readonly string[]
  readonly clients: 'loopback' | 'any'
  readonly values: 'hidden' | 'shown'
  readonly auditKeys: 'hashed' | 'shown'
  readonly requestsPerSecond: number
  readonly sessionMs: number
  readonly countMs: number
}

/** What a person could guess in years, at the pace that failed tries have. */
const TOKEN_LENGTH = 16
const TOKEN_LENGTH_AT_MOST = 1024
const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]']
const DAY_MS = 86_400_000

/** @throws ConfigError naming the option */
export function resolveAdminOptions(options: AdminOptions): ResolvedAdminOptions {
  checkOptions(options)
  const { token, tokens } = options
  if (token && (tokens?.read || tokens?.write)) {
    throw refuse('tokens', 'absent beside `token`, which is for both roles', 'both')
  }
  return {
    digests: {
      read: digest('tokens.read', tokens?.read),
      write: digest(token ? 'token' : 'tokens.write', token || tokens?.write),
    },
    base: baseOf(options.base ?? '/tiercel'),
    hosts: hostsOf(options.hosts ?? LOCAL_NAMES),
    clients: word('clients', options.clients, ['loopback', 'any']),
    values: word('values', options.values, ['hidden', 'shown']),
    auditKeys: word('auditKeys', options.auditKeys, ['hashed', 'shown']),
    requestsPerSecond: checkRate(options.requestsPerSecond ?? 100),
    sessionMs: durationMs('session', options.session ?? '8h', 30 * DAY_MS),
    countMs: durationMs('countFor', options.countFor ?? '3s', 60_000),
  }
}

const OPTIONS: Known<AdminOptions> = {
  cache: true,
  token: true,
  tokens: true,
  base: true,
  hosts: true,
  clients: true,
  values: true,
  auditKeys: true,
  onAudit: true,
  dashboard: true,
  requestsPerSecond: true,
  session: true,
  countFor: true,
  clock: true,
}
const TOKENS: Known<NonNullable<AdminOptions['tokens']>> = { read: true, write: true }

/** What stands under a misspelt name may be a token. */
function checkOptions(options: AdminOptions): void {
  const hidden: KnownCheck['refuse'] = ({ field, expected }) =>
    refuse(field, expected, 'an option that there is not')
  checkKnown(options, OPTIONS, { refuse: hidden })
  if (options.tokens !== undefined) {
    checkKnown(options.tokens, TOKENS, { name: 'tokens', path: 'tokens.', refuse: hidden })
  }
}

/** An empty one is an absent one, as variables of the environment often are. */
function digest(field: string, token: string | undefined): Uint8Array | undefined {
  if (token === undefined || token === '') return undefined
  const fits =
    typeof token === 'string' &&
    token.length >= TOKEN_LENGTH &&
    token.length <= TOKEN_LENGTH_AT_MOST &&
    // As a header can carry it: RFC 6750, section 2.1, and a few signs more.
    /^[\x21-\x7e]+$/.test(token)
  if (fits) return digestOf(token)
  const length = typeof token === 'string' ? `a text of ${token.length} characters` : 'no text'
  throw refuse(
    field,
    `${TOKEN_LENGTH} to ${TOKEN_LENGTH_AT_MOST} letters, digits and signs without spaces`,
    length,
  )
}

function baseOf(base: string): string {
  if (base === '/' || base === '') return ''
  if (typeof base === 'string' && /^(\/[\w.~-]+)+\/?$/.test(base)) return base.replace(/\/$/, '')
  throw refuse('base', "a path such as '/tiercel', of letters, digits, '.', '_', '~' and '-'", base)
}

function hostsOf(hosts: readonly string[]): readonly string[] {
  if (!Array.isArray(hosts) || hosts.length === 0) {
    throw refuse('hosts', 'at least one name', hosts)
  }
  return hosts.map((host, index) => {
    const fits = typeof host === 'string' && /^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(host)
    if (fits) return host.toLowerCase()
    throw refuse(`hosts[${index}]`, "a name such as 'admin.example.com' or '10.0.0.7:3000'", host)
  })
}

function word<W extends string>(field: string, given: W | undefined, words: readonly W[]): W {
  const [fallback] = words
  const chosen = given ?? (fallback as W)
  if (words.includes(chosen)) return chosen
  throw refuse(field, `one of ${words.map((one) => `'${one}'`).join(', ')}`, given)
}

function checkRate(rate: number): number {
  if (typeof rate === 'number' && rate >= 1 && rate <= 1_000_000) return rate
  throw refuse('requestsPerSecond', 'a number from 1 to 1000000', rate)
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: DAY_MS,
}

function durationMs(field: string, duration: Duration, most: number): number {
  const [, digits, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(String(duration)) ?? []
  const ms = Number(digits) * (UNITS[unit] ?? Number.NaN)
  if (ms > 0 && ms <= most) return Math.ceil(ms)
  throw refuse(field, `a duration above 0 and at most ${most} ms`, duration)
}

function refuse(field: string, expected: string, actual: unknown): ConfigError {
  return new ConfigError({ field, expected, actual })
}
