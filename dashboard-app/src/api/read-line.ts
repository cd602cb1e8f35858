/** Lines of the live stream carry the time at which they arrived, where they bring none of their own. */

export function readLine<T extends { readonly at: number }>(data: string): T {
  const line = JSON.parse(data) as Partial<T>
  return { ...line, at: line.at ?? Date.now() } as T
}
