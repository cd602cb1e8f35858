import type { Store, StoreOutcome, StoreWrite } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { Document } from './document.ts'

type Write = StoreWrite<number, Document>

/**
 * Documents as a store that keeps every version: a change is one transaction, in which the source
 * itself counts the version. Two changes at once on two instances become two versions, without a lock.
 */
export function documentStore(source: Source): Store<number, Document> {
  return {
    ...source.table<number, Document>({ table: 'documents', key: 'id' }),
    apply: (writes) => Promise.all(writes.map((write) => applied(source, write))),
  }
}

async function applied(source: Source, write: Write): Promise<StoreOutcome> {
  if (write.kind !== 'put') {
    return { kind: 'conflict', reason: 'documents are neither made nor removed here' }
  }
  const { id, title, text, updatedAt } = write.value
  await source.transaction([
    {
      sql: `UPDATE documents SET title = $1, text = $2, version = version + 1, "updatedAt" = $3
        WHERE id = $4`,
      params: [title, text, updatedAt, id],
    },
    {
      // The row is locked by the statement before: this is the version that it has just made.
      sql: `INSERT INTO document_versions ("documentId", version, title, text, "savedAt")
        SELECT id, version, title, text, "updatedAt" FROM documents WHERE id = $1`,
      params: [id],
    },
  ])
  return { kind: 'applied' }
}
