import type { FastifyInstance } from 'fastify'
import { answerOne } from '../server/answer-one.ts'
import { oneResource, problems } from '../server/describe-answer.ts'
import { timeWrite } from '../server/time-write.ts'
import type { DocumentDraft } from './document.ts'
import { documentParams } from './document-schemas.ts'
import type { DocumentWrites } from './document-writes.ts'
import type { Documents } from './documents.ts'
import { noDocument } from './no-document.ts'

interface ById {
  Params: { readonly id: number }
}

const TAGS = ['documents']

/** Documents with their versions, and who works on them. */
export function documentRoutes(
  app: FastifyInstance,
  { documents, versions, activeUsers }: Documents,
  writes: DocumentWrites,
): void {
  app.get<ById>('/documents/:id', { schema: reading }, ({ params: { id } }, reply) =>
    answerOne(reply, noDocument(id), () => documents.read(id)),
  )

  app.get<ById>('/documents/:id/versions', { schema: listing }, ({ params: { id } }, reply) =>
    answerOne(reply, noDocument(id), () => versions.read(id)),
  )

  app.get<ById>('/documents/:id/active-users', { schema: watching }, ({ params: { id } }, reply) =>
    answerOne(reply, noDocument(id), () => activeUsers.read(id)),
  )

  app.put<ById & { Body: DocumentDraft }>(
    '/documents/:id',
    { schema: changing },
    async ({ params: { id }, body }, reply) => {
      await timeWrite(reply, () => writes.put(id, body))
      return reply.code(204).send()
    },
  )

  app.post<ById & { Body: { readonly userId: number } }>(
    '/documents/:id/join',
    { schema: joining, config: { user: 'body.userId' } },
    async ({ params: { id }, body: { userId } }, reply) => {
      await timeWrite(reply, () => writes.join(id, userId))
      return reply.code(204).send()
    },
  )
}

const reading = {
  tags: TAGS,
  summary: 'One document',
  params: documentParams,
  response: { 200: oneResource('Document', 'The document'), ...problems(400, 404, 503) },
}

const listing = {
  tags: TAGS,
  summary: 'The versions that a document went through',
  params: documentParams,
  response: { 200: oneResource('DocumentVersions', 'The versions'), ...problems(400, 404, 503) },
}

const watching = {
  tags: TAGS,
  summary: 'Who works on a document, at most 30 seconds old',
  params: documentParams,
  response: { 200: oneResource('ActiveUsers', 'The users'), ...problems(400, 404, 503) },
}

const changing = {
  tags: TAGS,
  summary: 'Replaces title and text; that is a new version',
  params: documentParams,
  body: { $ref: 'DocumentDraft#' },
  response: {
    204: { description: 'The source has it; the next reads load it', type: 'null' },
    ...problems(400, 404, 413, 415, 503),
  },
}

const joining = {
  tags: TAGS,
  summary: 'A user begins to work on a document',
  params: documentParams,
  body: { $ref: 'Visit#' },
  response: {
    204: { description: 'The next read of the active users shows it', type: 'null' },
    ...problems(400, 404, 413, 415, 503),
  },
}
