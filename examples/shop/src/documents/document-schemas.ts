import { id, instant } from '../server/schema-parts.ts'

export const documentParams = {
  type: 'object',
  properties: { id: { ...id, description: 'Id of the document' } },
  required: ['id'],
} as const

const draft = {
  title: { type: 'string', format: 'one line of text', maxLength: 120 },
  text: { type: 'string', format: 'plain text', maxLength: 2_000 },
} as const

const documentDraft = {
  $id: 'DocumentDraft',
  type: 'object',
  properties: draft,
  required: ['title', 'text'],
  additionalProperties: false,
} as const

const version = { type: 'integer', minimum: 1, description: 'One more with each change' } as const

const document = {
  $id: 'Document',
  type: 'object',
  properties: { id, ...draft, version, updatedAt: instant },
  required: ['id', 'title', 'text', 'version', 'updatedAt'],
} as const

const documentVersions = {
  $id: 'DocumentVersions',
  type: 'object',
  properties: {
    documentId: id,
    items: {
      type: 'array',
      description: 'The latest fifty, newest first',
      items: {
        type: 'object',
        properties: {
          version,
          title: draft.title,
          characters: { type: 'integer', description: 'Of its text' },
          savedAt: instant,
        },
        required: ['version', 'title', 'characters', 'savedAt'],
      },
    },
  },
  required: ['documentId', 'items'],
} as const

const activeUsers = {
  $id: 'ActiveUsers',
  type: 'object',
  properties: {
    documentId: id,
    items: {
      type: 'array',
      description: 'Who joined in the last five minutes, the latest fifty first',
      items: {
        type: 'object',
        properties: { userId: id, name: { type: 'string' }, joinedAt: instant },
        required: ['userId', 'name', 'joinedAt'],
      },
    },
  },
  required: ['documentId', 'items'],
} as const

const visit = {
  $id: 'Visit',
  type: 'object',
  properties: { userId: { ...id, description: 'Who joins' } },
  required: ['userId'],
  additionalProperties: false,
} as const

export const DOCUMENT_SCHEMAS = [documentDraft, document, documentVersions, activeUsers, visit]
