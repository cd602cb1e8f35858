/** What somebody has bought, as the API shows it. */

export interface OrderLine {
  readonly productId: number
  /** As it was called then. */
  readonly name: string
  readonly quantity: number
  /** Of one piece, as it was then. */
  readonly priceCents: number
}

export interface Order {
  readonly id: number
  readonly userId: number
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly totalCents: number
  /** In the order of the products' ids. */
  readonly lines: readonly OrderLine[]
}

/** What a client sends. */
export interface OrderDraft {
  readonly userId: number
  readonly items: readonly { readonly productId: number; readonly quantity: number }[]
}
