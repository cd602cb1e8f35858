import type { CacheKey } from '../contracts/source.ts'
import { isOfColumns, isOfValue } from './outcome-of-error.ts'
import type { PostgresRow } from './postgres-like.ts'
import { type KeyAt, keysAsJson } from './row-json.ts'
import type { Columns, TableColumns } from './table-columns.ts'

type Ask = (columns: Columns, keys: string) => Promise<readonly PostgresRow[]>

/**
 * Asks for keys in one statement, with the columns as they are remembered or else as they are. A key that
 * the type of its column refuses fails the whole statement: it is found by halving, and is that of no row.
 *
 * @throws whatever `ask` throws otherwise.
 */
export async function askByKeys(
  columns: TableColumns,
  keys: readonly CacheKey[],
  ask: Ask,
): Promise<readonly PostgresRow[]> {
  const asked = keys.map((key, at) => ({ at, key }))
  const known = await columns.known()
  try {
    return await ask(known, keysAsJson(asked))
  } catch (error) {
    if (!isOfColumns(error)) throw error
    return await askHalved(await columns.anew(), asked, ask)
  }
}

async function askHalved(
  columns: Columns,
  keys: readonly KeyAt[],
  ask: Ask,
): Promise<readonly PostgresRow[]> {
  try {
    return await ask(columns, keysAsJson(keys))
  } catch (error) {
    if (!isOfValue(error)) throw error
    if (keys.length <= 1) return []
    const middle = Math.ceil(keys.length / 2)
    const first = await askHalved(columns, keys.slice(0, middle), ask)
    return [...first, ...(await askHalved(columns, keys.slice(middle), ask))]
  }
}
