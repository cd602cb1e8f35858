import type { Store, StoreOutcome } from 'tiercel'
import { type SqliteDatabase, sqliteTable } from 'tiercel/sqlite'
import type { Product } from './product.ts'

const REPLACE = `UPDATE products SET name = ?, category = ?, description = ?, priceCents = ?,
    sold = ?, revision = ?, updatedAt = ?, fingerprint = ?
  WHERE id = ? AND revision = ?`

/**
 * The table of products, in which each change follows the one before it: a product whose revision is
 * not the next one is refused as a conflict.
 *
 * Two instances that read revision 5 both make a revision 6, and the second would bury what the first
 * one's client was told is done. The tests whose titles begin with "are one shop" show it.
 */
export function productStore(source: SqliteDatabase): Store<number, Product> {
  const table = sqliteTable<number, Product>(source, { table: 'products', key: 'id' })
  return {
    ...table,
    async apply(writes, options) {
      const outcomes = writes.map(async (write): Promise<readonly StoreOutcome[]> => {
        if (write.kind !== 'put') return table.apply([write], options)
        return [await replace(source, write.value)]
      })
      return (await Promise.all(outcomes)).flat()
    },
  }
}

async function replace(source: SqliteDatabase, product: Product): Promise<StoreOutcome> {
  const { name, category, description, priceCents, sold, updatedAt, fingerprint } = product
  const { id, revision } = product
  const changed = [name, category, description, priceCents, sold, revision, updatedAt, fingerprint]
  try {
    const { changes } = await source.run(REPLACE, [...changed, id, revision - 1])
    if (changes > 0) return { kind: 'applied' }
    return { kind: 'conflict', reason: 'Another change of the product came first.' }
  } catch (error) {
    return { kind: 'failed', error, retry: 'transient' }
  }
}
