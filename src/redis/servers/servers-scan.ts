/** Keys of a collection over several servers, one server after the other. */

import { ArgumentError } from '../../contracts/errors.ts'
import type { ScanPage } from '../../contracts/shared-tier.ts'

interface Walk {
  /** Servers still to be walked; the first is being walked. */
  readonly servers: readonly string[]
  /** Of that server's own pages; absent: from its beginning. */
  readonly cursor?: string | undefined
}

export interface ServersScanOptions {
  readonly cursor: string | undefined
  /** Where a scan begins. */
  readonly servers: readonly string[]
  readonly page: (server: string, cursor: string | undefined) => Promise<ScanPage>
}

/** One page; a shard that moves meanwhile may be missing, or come twice. @throws TierError */
export async function serversScan({
  cursor,
  servers,
  page,
}: ServersScanOptions): Promise<ScanPage> {
  const walk = cursor === undefined ? { servers } : parse(cursor)
  const [server, ...others] = walk.servers
  if (server === undefined) return { keys: [], cursor: undefined }
  const found = await page(server, walk.cursor)
  const next: Walk =
    found.cursor === undefined
      ? { servers: others }
      : { servers: walk.servers, cursor: found.cursor }
  return {
    keys: found.keys,
    cursor: next.servers.length === 0 ? undefined : JSON.stringify(next),
  }
}

function parse(cursor: string): Walk {
  try {
    const walk = JSON.parse(cursor) as Walk
    if (Array.isArray(walk.servers)) return walk
  } catch {
    // Refused below, like any other text that is no cursor.
  }
  throw new ArgumentError({
    field: 'cursor',
    expected: 'one that a page before has answered',
    actual: cursor,
  })
}
