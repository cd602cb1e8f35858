/** What servers were asked, and what they refused, by their own count. */

import type { RedisServer } from './redis-server.ts'

export interface Asked {
  /** By name in lower case, such as `evalsha`; a subcommand as `cluster|slots`. Scripts' commands too. */
  readonly commands: ReadonlyMap<string, number>
  /** By code, such as `CROSSSLOT`. Those that a script has met too. */
  readonly errors: ReadonlyMap<string, number>
}

/** Since the start of each, summed up. https://redis.io/docs/latest/commands/info/ */
export async function askedOfServers(servers: readonly RedisServer[]): Promise<Asked> {
  const commands = new Map<string, number>()
  const errors = new Map<string, number>()
  for (const server of servers) {
    add(commands, await server.info('commandstats'), /^cmdstat_(.+)$/, /^calls=(\d+)/)
    add(errors, await server.info('errorstats'), /^errorstat_(.+)$/, /^count=(\d+)/)
  }
  return { commands, errors }
}

function add(
  counts: Map<string, number>,
  lines: Readonly<Record<string, string>>,
  nameIn: RegExp,
  countIn: RegExp,
): void {
  for (const [field, text] of Object.entries(lines)) {
    const name = nameIn.exec(field)?.[1]
    const count = Number(countIn.exec(text)?.[1])
    if (name !== undefined && count > 0) counts.set(name, (counts.get(name) ?? 0) + count)
  }
}
