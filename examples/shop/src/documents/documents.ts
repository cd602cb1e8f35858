/** What the shop caches of documents. `document-writes.ts` changes them, `document-routes.ts` shows them. */

import type { Cache, Collection } from 'tiercel'
import type { Source } from '../database/source.ts'
import { userTags } from '../users/user-tags.ts'
import type { ActiveUsers, Document, DocumentVersions } from './document.ts'
import { documentStore } from './document-store.ts'
import { loadActiveUsers } from './load-active-users.ts'
import { loadVersions } from './load-versions.ts'

export interface Documents {
  readonly documents: Collection<number, Document>
  readonly versions: Collection<number, DocumentVersions>
  readonly activeUsers: Collection<number, ActiveUsers>
}

/** Carried by the versions of a document, which become stale with each change of it. */
export const versionsOf = (id: number): string => `versions:${id}`

const UNKNOWN_FOR = '30s'

export function openDocuments(cache: Cache, source: Source): Documents {
  return {
    documents: cache.collection<number, Document>('document', {
      store: documentStore(source),
      // The source counts the versions, so only the source knows what a change has made.
      write: { put: 'around' },
      workload: 'write-heavy',
      ttl: '5m',
      memoryTtl: '5m',
      negativeTtl: UNKNOWN_FOR,
    }),
    versions: cache.collection<number, DocumentVersions>('document-versions', {
      source: loadVersions(source),
      tagsOf: (_, id) => [versionsOf(id)],
      workload: 'write-heavy',
      ttl: '5m',
      memoryTtl: '5m',
      negativeTtl: UNKNOWN_FOR,
    }),
    activeUsers: cache.collection<number, ActiveUsers>('active-users', {
      source: loadActiveUsers(source),
      // Whoever is renamed or removed leaves at once.
      tagsOf: ({ items }) => items.map(({ userId }) => userTags.user(userId)),
      workload: 'write-heavy',
      // Nobody tells when somebody leaves: the end of this life does.
      ttl: '30s',
      memoryTtl: '30s',
      negativeTtl: UNKNOWN_FOR,
    }),
  }
}
