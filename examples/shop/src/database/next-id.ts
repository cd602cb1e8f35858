import type { Source } from './source.ts'

/**
 * A number that nothing of this kind has had before, also where what had the highest one was removed.
 *
 * `counter` is the name of a row of `counters`, which the seeding of its service has made.
 */
export async function nextId(source: Source, counter: string): Promise<number> {
  const [row] = await source.all<{ id: number }>(
    'UPDATE counters SET next = next + 1 WHERE name = $1 RETURNING next - 1 AS id',
    [counter],
  )
  if (row === undefined) throw new Error(`The source has no counter named ${counter}.`)
  return row.id
}
