/** The collection of a key, from its text: what stands before the first colon (`keys/`). */
export function collectionOf(id: string): string {
  return id.slice(0, Math.max(0, id.indexOf(':')))
}
