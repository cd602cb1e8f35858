/** What is cached in every benchmark: records of about 200 bytes as JSON, known by number. */

export interface Item {
  /** Small, so that sums of many stay exact. */
  readonly id: number
  readonly name: string
  readonly description: string
  readonly priceCents: number
  readonly available: boolean
}

/** The record number `id`; the text is its own, so that no two records share it. */
export function item(id: number): Item {
  return {
    id,
    name: `Lamp ${id}`,
    description: `A lamp with number ${id} that stands on a table, `.padEnd(110, 'and shines '),
    priceCents: 1000 + (id % 9000),
    available: id % 7 !== 0,
  }
}
