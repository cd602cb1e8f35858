import { createHash } from 'node:crypto'
import type { UnsealedProduct } from './product.ts'

/**
 * A short digest of every other field of a product.
 *
 * A value that mixes two revisions, or one that some tier cut short, does not match its own
 * fingerprint. The kill test recomputes it for everything that it is served.
 */
export function fingerprint(product: UnsealedProduct): string {
  const fields = [
    product.id,
    product.revision,
    product.name,
    product.category,
    product.description,
    product.priceCents,
    product.sold,
    product.updatedAt,
  ]
  return createHash('sha256').update(JSON.stringify(fields)).digest('hex').slice(0, 16)
}
