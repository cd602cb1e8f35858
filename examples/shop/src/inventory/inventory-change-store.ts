import type { Store, StoreOutcome, StoreWrite } from 'tiercel'
import type { Source } from '../database/source.ts'
import { type InventoryChange, isSameChange } from './inventory-change.ts'
import { NOT_ENOUGH } from './inventory-tables.ts'

/**
 * Changes of the stock as a store: each is a row, and a trigger carries it out in the same commit
 * (`inventory-tables.ts`).
 */
export function inventoryChangeStore(source: Source): Store<string, InventoryChange> {
  return {
    // They are only ever created, and an id is taken once: there is nothing to be late for.
    fencing: 'unfenced',
    loadMany: async (ids) => {
      const found = await Promise.all(ids.map((id) => findChange(source, id)))
      return new Map(found.filter((one) => one !== undefined).map((one) => [one.id, one]))
    },
    apply: (writes) => Promise.all(writes.map((write) => create(source, write))),
  }
}

async function create(
  source: Source,
  write: StoreWrite<string, InventoryChange>,
): Promise<StoreOutcome> {
  if (write.kind !== 'create') throw new Error('A change of the stock stays as it is.')
  const { id, productId, quantity, changedAt } = write.value
  try {
    await source.all(
      `INSERT INTO "inventoryChanges" (id, "productId", quantity, "changedAt")
      VALUES ($1, $2, $3, $4)`,
      [id, productId, quantity, changedAt],
    )
    return { kind: 'applied' }
  } catch (error) {
    if (isNotEnough(error)) return { kind: 'conflict', reason: NOT_ENOUGH }
    // Sent again, because the first answer was lost on its way: it is done.
    const done = await findChange(source, id)
    if (done === undefined) throw error
    if (isSameChange(done, write.value)) return { kind: 'applied' }
    return { kind: 'conflict', reason: 'the name is taken by another request' }
  }
}

/** Both databases bring the words of the trigger. */
export function isNotEnough(error: unknown): boolean {
  return error instanceof Error && error.message.includes(NOT_ENOUGH)
}

/** That was carried out under this name, if any was. */
export async function findChange(source: Source, id: string): Promise<InventoryChange | undefined> {
  const [row] = await source.all<InventoryChange>(
    'SELECT * FROM "inventoryChanges" WHERE id = $1',
    [id],
  )
  return row
}
