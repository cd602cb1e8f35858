/** What the shop shows beside single products. */

import type { Product } from './product.ts'

export interface ProductList {
  readonly page: number
  readonly pageSize: number
  /** Of the whole list, all pages together. */
  readonly total: number
  readonly items: readonly Product[]
}

export interface Review {
  readonly id: number
  /** 1 to 5. */
  readonly rating: number
  readonly author: string
  readonly text: string
  /** Epoch milliseconds. */
  readonly createdAt: number
}

export interface Reviews {
  readonly productId: number
  readonly count: number
  /** Of all reviews; 0 where there is none. */
  readonly averageRating: number
  /** The latest ones, newest first. */
  readonly latest: readonly Review[]
}

export interface Inventory {
  readonly productId: number
  readonly stock: number
  /** Taken from the stock, and not yet sold. */
  readonly reserved: number
  readonly warehouse: string
}

export interface PricePoint {
  readonly priceCents: number
  /** Epoch milliseconds. */
  readonly since: number
}

/** Newest first. */
export type PriceHistory = readonly PricePoint[]

/** The best-selling products, best first. */
export type Featured = readonly Product[]
