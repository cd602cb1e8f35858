/** What users tell each other, as the API shows it and as the source keeps it. */

export interface ActivityDraft {
  /** Whose it is. */
  readonly userId: number
  readonly text: string
}

export interface Activity extends ActivityDraft {
  readonly id: number
  readonly likes: number
  /** Epoch milliseconds. */
  readonly createdAt: number
}

/** A page of what one user and those whom they follow have told. */
export interface Feed {
  readonly userId: number
  readonly page: number
  readonly pageSize: number
  /** Of the whole feed, all pages together. */
  readonly total: number
  /** Newest first. */
  readonly items: readonly Activity[]
}
