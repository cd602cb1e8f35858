/** Documents that several people work on, as the API shows them. */

/** What a client may say about a document; the source counts its versions. */
export interface DocumentDraft {
  readonly title: string
  readonly text: string
}

export interface Document extends DocumentDraft {
  readonly id: number
  /** 1 for a new document, one more with each change. */
  readonly version: number
  /** Epoch milliseconds. */
  readonly updatedAt: number
}

export interface DocumentVersion {
  readonly version: number
  readonly title: string
  /** Of its text. */
  readonly characters: number
  /** Epoch milliseconds. */
  readonly savedAt: number
}

export interface DocumentVersions {
  readonly documentId: number
  /** The latest ones, newest first. */
  readonly items: readonly DocumentVersion[]
}

export interface ActiveUser {
  readonly userId: number
  readonly name: string
  /** Epoch milliseconds. */
  readonly joinedAt: number
}

export interface ActiveUsers {
  readonly documentId: number
  /** Those who joined in the last minutes, the latest first. */
  readonly items: readonly ActiveUser[]
}
