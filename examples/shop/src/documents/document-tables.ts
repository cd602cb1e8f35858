import type { ServiceTables } from '../database/service-tables.ts'
import { sampleDocuments } from './sample-documents.ts'

export const DOCUMENT_TABLES: ServiceTables = {
  counter: 'document',
  // So far nobody makes new ones.
  nextId: 1,
  tables: ({ whole }) => [
    `CREATE TABLE documents (
      id ${whole} PRIMARY KEY,
      title TEXT NOT NULL,
      text TEXT NOT NULL,
      version ${whole} NOT NULL,
      "updatedAt" ${whole} NOT NULL
    )`,
    `CREATE TABLE document_versions (
      "documentId" ${whole} NOT NULL,
      version ${whole} NOT NULL,
      title TEXT NOT NULL,
      text TEXT NOT NULL,
      "savedAt" ${whole} NOT NULL,
      PRIMARY KEY ("documentId", version)
    )`,
    `CREATE TABLE document_visits (
      "documentId" ${whole} NOT NULL,
      "userId" ${whole} NOT NULL,
      "joinedAt" ${whole} NOT NULL,
      PRIMARY KEY ("documentId", "userId")
    )`,
  ],
  samples: () => {
    const { documents, versions } = sampleDocuments()
    return [
      {
        table: 'documents',
        columns: ['id', 'title', 'text', 'version', '"updatedAt"'],
        rows: documents,
      },
      {
        table: 'document_versions',
        columns: ['"documentId"', 'version', 'title', 'text', '"savedAt"'],
        rows: versions,
      },
    ]
  },
  finish: [],
}
