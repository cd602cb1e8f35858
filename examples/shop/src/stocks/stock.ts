/** A share of a company, as the API shows it and as the source keeps it. */
export interface Stock {
  /** Of the exchange: capitals, digits and dots. */
  readonly symbol: string
  readonly company: string
  readonly priceCents: number
  /** Epoch milliseconds. */
  readonly updatedAt: number
}

/** A new price of one stock. */
export interface Quote {
  readonly symbol: string
  readonly priceCents: number
}
