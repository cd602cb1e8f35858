/** A part of the stock that somebody reserves, or gives back. */

export interface InventoryChange {
  /** Chosen by whoever asks: a request that is sent again is answered as it was. */
  readonly id: string
  readonly productId: number
  /** Above 0: reserved; below 0: given back; 0: refused for good. */
  readonly quantity: number
  /** Epoch milliseconds. */
  readonly changedAt: number
}

/** What a client sends. */
export interface InventoryRequest {
  readonly quantity: number
  /** Absent: the shop makes one up. */
  readonly request?: string
}

/** Whether both ask for the same, and one of them is the other, sent again. */
export function isSameChange(one: InventoryChange, other: InventoryChange): boolean {
  return one.id === other.id && one.productId === other.productId && one.quantity === other.quantity
}
