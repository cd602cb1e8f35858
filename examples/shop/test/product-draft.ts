import type { ProductDraft } from '../src/products/product.ts'

/** What a client sends for a new product, with what the test cares about. */
export function productDraft(parts: Partial<ProductDraft> = {}): ProductDraft {
  return {
    name: 'Quiet Kettle',
    category: 'kitchen',
    description: 'Does not whistle.',
    priceCents: 4_900,
    ...parts,
  }
}
