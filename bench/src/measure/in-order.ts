/** Who is measured when, in a round. Called by the measuring loops. */

/** Rotated by the round, and turned round in every other, so that neighbours change. */
export function inOrder<T>(lanes: readonly T[], round: number): readonly T[] {
  const first = round % lanes.length
  const rotated = [...lanes.slice(first), ...lanes.slice(0, first)]
  return round % 2 === 0 ? rotated : rotated.reverse()
}
