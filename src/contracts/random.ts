/** Where the library takes chance from: jitter, tokens and identities. Seeded in tests. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  next(): number
  /** An identity nobody else has: at least 96 random bits, letters and digits only. */
  id(): string
}
