/** Customers, where they live, and who is logged in. */

/** What a client may say about a user; the shop adds the rest. */
export interface UserDraft {
  readonly name: string
  /** Of a `Country`. */
  readonly countryCode: string
}

export interface User extends UserDraft {
  readonly id: number
  /** Epoch milliseconds. */
  readonly registeredAt: number
  /** Epoch milliseconds. */
  readonly lastLoginAt: number
}

export interface UserList {
  readonly page: number
  readonly pageSize: number
  /** Of the whole list, all pages together. */
  readonly total: number
  readonly items: readonly User[]
}

/** The page that greets a user. */
export interface Welcome {
  readonly userId: number
  readonly name: string
  /** By its name. */
  readonly country: string
  /** Epoch milliseconds. */
  readonly registeredAt: number
}

export interface Session {
  readonly id: string
  readonly userId: number
  /** Epoch milliseconds. */
  readonly startedAt: number
}

export interface Country {
  /** Two letters, as ISO 3166-1 has them. */
  readonly code: string
  readonly name: string
}

/** In the order of their names. */
export type Countries = readonly Country[]
