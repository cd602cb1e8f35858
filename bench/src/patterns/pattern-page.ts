/** The part of `docs/guides/patterns.md` that is measured. */

const BEGIN = '<!-- measured by npm run patterns -->\n'
const END = '<!-- until here -->\n'

/** @throws Error if the page has no such part. */
export function withTable(page: string, table: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error(`Expected the page to have ${BEGIN.trim()}.`)
  return `${page.slice(0, begin)}${BEGIN}${table}\n${page.slice(end)}`
}
