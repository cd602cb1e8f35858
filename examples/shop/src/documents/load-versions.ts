import type { Loader } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { DocumentVersion, DocumentVersions } from './document.ts'

const LATEST = 50

/** Loads the latest versions of one document; each has at least its first, so none means no document. */
export function loadVersions(source: Source): Loader<number, DocumentVersions> {
  return async (documentId) => {
    const items = await source.all<DocumentVersion>(
      `SELECT version, title, length(text) AS characters, "savedAt" FROM document_versions
      WHERE "documentId" = $1 ORDER BY version DESC LIMIT $2`,
      [documentId, LATEST],
    )
    return items.length === 0 ? undefined : { documentId, items }
  }
}
