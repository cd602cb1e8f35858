import type { DeadLetter } from 'tiercel'
import type { Catalogue } from '../products/catalogue.ts'
import type { Product } from '../products/product.ts'

export type ShopDeadLetter = DeadLetter<number, Product>

/** Changes that the source has refused for good, at most so many. */
export async function deadLetters(
  { products }: Catalogue,
  most: number,
): Promise<readonly ShopDeadLetter[]> {
  const letters: ShopDeadLetter[] = []
  for await (const letter of products.queue.deadLetters()) {
    letters.push(letter)
    if (letters.length >= most) break
  }
  return letters
}
