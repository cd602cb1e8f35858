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
  readonly #open = new Map<string, { readonly shard: number; readonly request: IntentRequest }>()

  add(shard: number, request: IntentRequest): void {
    this.#open.set(request.token, { shard, request })
  }

  end(token: string): void {
    this.#open.delete(token)
  }

  beginAgain(shard: number, access: SharedAccess, background: Background): void {
    for (const { shard: of, request } of this.#open.values()) {
      if (of === shard) {
        // Where it fails, the end of the write finds nothing standing, and removes.
        background.run(
          'write',
          access.beginIntent(request).catch(() => {}),
        )
      }
    }
  }
}
