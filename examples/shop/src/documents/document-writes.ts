/** Changes of documents, and who comes to work on them. The routes call it. */

import type { Source } from '../database/source.ts'
import { RequestError } from '../server/request-error.ts'
import type { Customers } from '../users/customers.ts'
import { noUser } from '../users/no-user.ts'
import type { Document, DocumentDraft } from './document.ts'
import { type Documents, versionsOf } from './documents.ts'
import { noDocument } from './no-document.ts'

interface Parts {
  readonly documents: Documents
  readonly customers: Customers
  readonly source: Source
}

export class DocumentWrites {
  readonly #documents: Documents
  readonly #customers: Customers
  readonly #source: Source

  constructor({ documents, customers, source }: Parts) {
    this.#documents = documents
    this.#customers = customers
    this.#source = source
  }

  /** Its versions leave with the write. @throws RequestError with 404 if there is no such document. */
  async put(id: number, { title, text }: DocumentDraft): Promise<void> {
    // Its number of version may be old here; the store does not look at it.
    const old = await this.#find(id)
    await this.#documents.documents.put(
      id,
      { ...old, title, text, updatedAt: Date.now() },
      { invalidateTags: [versionsOf(id)] },
    )
  }

  /**
   * Whoever joins again is as good as new. Active users leave the cache; should the process be killed
   * before, they are 30 seconds old at most.
   *
   * @throws RequestError with 404 if there is no such document, or user.
   */
  async join(id: number, userId: number): Promise<void> {
    const [, user] = await Promise.all([this.#find(id), this.#customers.users.get(userId)])
    if (user === undefined) {
      throw new RequestError(404, noUser('userId', userId))
    }
    await this.#source.all(
      `INSERT INTO document_visits ("documentId", "userId", "joinedAt") VALUES ($1, $2, $3)
      ON CONFLICT ("documentId", "userId") DO UPDATE SET "joinedAt" = excluded."joinedAt"`,
      [id, userId, Date.now()],
    )
    await this.#documents.activeUsers.delete(id)
  }

  async #find(id: number): Promise<Document> {
    const document = await this.#documents.documents.get(id)
    if (document === undefined) throw new RequestError(404, noDocument(id))
    return document
  }
}
