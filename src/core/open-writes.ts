/**
 * Writes to the source that are under way, by the shard of their key.
 *
 * Where a shard's numbers begin anew, what protected them may be lost: each begins again, and answers
 * that it was not protected all the time (protocol rule 2).
 */

import type { IntentRequest } from '../contracts/shared-tier.ts'
import type { Background } from './background.ts'
import type { SharedAccess } from './shared-access.ts'

export class OpenWrites {
  /** By token, and in it by shard. */
  readonly #open = new Map<string, Map<number, IntentRequest>>()

  add(shard: number, request: IntentRequest): void {
    const shards = this.#open.get(request.token)
    if (shards === undefined) this.#open.set(request.token, new Map([[shard, request]]))
    else shards.set(shard, request)
  }

  end(token: string): void {
    this.#open.delete(token)
  }

  beginAgain(shard: number, access: SharedAccess, background: Background): void {
    for (const shards of this.#open.values()) {
      const request = shards.get(shard)
      if (request === undefined) continue
      // Where it fails, the end of the write finds nothing standing, and removes.
      const again = access.beginIntent(request).then(
        () => {},
        () => {},
      )
      background.run('write', again)
    }
  }
}
