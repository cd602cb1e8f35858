/** What the shop sells, as the API shows it and as the source keeps it. */

/** Every category there is; the API refuses others. */
export const CATEGORIES = [
  'audio',
  'books',
  'cycling',
  'garden',
  'kitchen',
  'lighting',
  'music',
  'office',
  'outdoor',
  'tools',
  'toys',
  'travel',
] as const

export type Category = (typeof CATEGORIES)[number]

/** What a client may say about a product; the shop adds the rest. */
export interface ProductDraft {
  readonly name: string
  readonly category: Category
  readonly description: string
  readonly priceCents: number
}

/** A product without the field that checks the others. */
export interface UnsealedProduct extends ProductDraft {
  readonly id: number
  readonly sold: number
  /** 1 for a new product, one more with each change. */
  readonly revision: number
  /** Epoch milliseconds. */
  readonly updatedAt: number
}

export interface Product extends UnsealedProduct {
  /** Made of all other fields by `fingerprint.ts`, so that anybody can tell a torn product. */
  readonly fingerprint: string
}
