/** What is worth to be in the cache before anyone asks, as the source knows it. */

import type { WarmQuery } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { Product } from '../products/product.ts'
import type { User } from '../users/people.ts'

const BEST_SELLERS = 1_000
/** What sells less is read by its first visitor. */
const SOLD_MORE_THAN = 100
const LATEST_USERS = 100

/** The ids of the products that sell best, best first; asked for once `begin` is fulfilled. */
export function bestSellers(source: Source, begin: Promise<void>): WarmQuery<number, Product> {
  return async () => {
    await begin
    const sql = 'SELECT id FROM products WHERE sold > $1 ORDER BY sold DESC, id LIMIT $2'
    return ids(await source.all(sql, [SOLD_MORE_THAN, BEST_SELLERS]))
  }
}

/** The ids of the users who logged in last, the latest first. */
export function lastLoggedIn(source: Source): WarmQuery<number, User> {
  return async () => {
    const sql = 'SELECT id FROM users ORDER BY "lastLoginAt" DESC, id LIMIT $1'
    return ids(await source.all(sql, [LATEST_USERS]))
  }
}

function ids(rows: readonly { readonly id: number }[]): readonly number[] {
  return rows.map(({ id }) => id)
}
