import type { Loader } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { ActiveUser, ActiveUsers } from './document.ts'

/** Who joined longer ago has probably left. */
const ACTIVE_MS = 5 * 60_000
/** Each is a tag of the entry, which has 64 at most. */
const SHOWN = 50

/** Loads who works on one document now; nothing if there is no such document. */
export function loadActiveUsers(source: Source): Loader<number, ActiveUsers> {
  return async (documentId) => {
    const [found, items] = await Promise.all([
      source.all('SELECT 1 FROM documents WHERE id = $1', [documentId]),
      source.all<ActiveUser>(
        `SELECT users.id AS "userId", users.name, visits."joinedAt"
        FROM document_visits visits JOIN users ON users.id = visits."userId"
        WHERE visits."documentId" = $1 AND visits."joinedAt" > $2
        ORDER BY visits."joinedAt" DESC, users.id LIMIT $3`,
        [documentId, Date.now() - ACTIVE_MS, SHOWN],
      ),
    ])
    return found.length === 0 ? undefined : { documentId, items }
  }
}
