/**
 * Where a command is sent: to the admin API of a running instance, or straight to the shared tier,
 * which works while no instance runs and needs no API.
 */

import { AdminClient } from './admin-client.ts'
import type { CommandContext, CommandOption, GivenOptions } from './command.ts'
import { UsageError } from './exit-code.ts'
import { type OpenDesk, openDesk } from './open-desk.ts'
import { TIER_OPTIONS } from './shared-tier-option.ts'

const DEFAULT_TIMEOUT_MS = 5_000

const TIMEOUT_OPTION: CommandOption = {
  name: 'timeout',
  value: '<time>',
  summary: 'how long whoever is asked has for an answer (default: 5s)',
}

/** Of commands that need an instance that runs. */
export const ADMIN_OPTIONS: readonly CommandOption[] = [
  {
    name: 'url',
    value: '<url>',
    summary: `the admin API of a running instance, as http://127.0.0.1:3000/tiercel
(default: TIERCEL_ADMIN_URL)`,
  },
  {
    name: 'token',
    value: '<token>',
    summary: `its token; others on this machine may see it there
(default: TIERCEL_ADMIN_TOKEN, which they do not)`,
  },
  TIMEOUT_OPTION,
]

/** Of commands that can do without one. */
export const TARGET_OPTIONS: readonly CommandOption[] = [
  ...ADMIN_OPTIONS.slice(0, -1),
  {
    name: 'redis',
    value: '<url>',
    summary: `or straight to the shared tier: redis://user:password@host:6379/0; uses the ioredis or redis
(node-redis) that is installed where the command is run`,
  },
  ...TIER_OPTIONS.filter(({ name }) => name !== 'redis'),
  {
    name: 'name',
    value: '<cache>',
    summary: 'the name of the cache there (default: TIERCEL_NAME)',
  },
  TIMEOUT_OPTION,
]

export type Target =
  | { readonly kind: 'admin'; readonly admin: AdminClient }
  | { readonly kind: 'tier'; readonly desk: OpenDesk }

/**
 * Calls `use` with what was named, and closes it afterwards.
 *
 * @throws UsageError where none, or more than one, is named; UnreachableError; whatever `use` throws
 */
export async function withTarget<T>(
  given: GivenOptions,
  context: CommandContext,
  use: (target: Target) => Promise<T>,
): Promise<T> {
  if (!namesTier(given)) return await use({ kind: 'admin', admin: adminOf(given, context) })
  if (given.text('url') !== undefined) {
    throw new UsageError('One of --url, --redis and --sqlite is enough')
  }
  const name = nameOf(given, context)
  const desk = await openDesk(given, { name, timeoutMs: timeoutOf(given) })
  try {
    return await use({ kind: 'tier', desk })
  } finally {
    await desk.close()
  }
}

export function namesTier(given: GivenOptions): boolean {
  return given.text('redis') !== undefined || given.text('sqlite') !== undefined
}

/** @throws UsageError */
export function adminOf(
  given: GivenOptions,
  { environment, signal }: Pick<CommandContext, 'environment' | 'signal'>,
): AdminClient {
  const url = given.text('url') ?? environment['TIERCEL_ADMIN_URL']
  if (url === undefined || url === '') {
    throw new UsageError(
      'Say where: the admin API of a running instance with --url, or in TIERCEL_ADMIN_URL',
    )
  }
  return new AdminClient({
    url,
    token: given.text('token') ?? (environment['TIERCEL_ADMIN_TOKEN'] || undefined),
    timeoutMs: timeoutOf(given),
    signal,
  })
}

export function timeoutOf(given: GivenOptions): number {
  return given.span('timeout') ?? DEFAULT_TIMEOUT_MS
}

/** @throws UsageError */
export function nameOf(
  given: GivenOptions,
  { environment }: Pick<CommandContext, 'environment'>,
): string {
  const name = given.text('name') ?? environment['TIERCEL_NAME']
  if (name === undefined || name === '') {
    throw new UsageError('Say which cache: its name with --name, or in TIERCEL_NAME')
  }
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(name)) {
    throw new UsageError('Option --name is 1 to 64 letters, digits, `.`, `_` or `-`')
  }
  return name
}
