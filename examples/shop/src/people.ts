/** Customers, and where they live. */

export interface User {
  readonly id: number
  readonly name: string
  /** Of a `Country`. */
  readonly countryCode: string
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

export interface Country {
  /** Two letters, as ISO 3166-1 has them. */
  readonly code: string
  readonly name: string
}

/** In the order of their names. */
export type Countries = readonly Country[]
