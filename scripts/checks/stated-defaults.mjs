/** Finds the places where documentation states a default. Read by `check-docs.mjs`. */

/**
 * @typedef {object} Statement
 * @property {string} where File and line, for people.
 * @property {string} owner The interface it stands in; empty for tables.
 * @property {string} option Name of the property, in tables also a path: `memory.entries`.
 * @property {string} value As written, without the backticks.
 */

/**
 * `@default` lines, with the property or method that the docstring belongs to.
 *
 * @param {string} file
 * @param {string} source
 * @returns {Statement[]}
 */
export function statedInDocstrings(file, source) {
  const documented = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*(?:readonly\s+)?(\w+)\??\s*[:(<]/g
  return [...source.matchAll(documented)].flatMap((match) => {
    const [, docstring = '', option = ''] = match
    const value = /@default\s+([^\n]*)/.exec(docstring)?.[1]?.trim()
    if (value === undefined) return []
    const before = source.slice(0, match.index)
    const owner = [...before.matchAll(/\b(?:interface|type)\s+(\w+)/g)].at(-1)?.[1] ?? ''
    return [{ where: `${file}:${before.split('\n').length}`, owner, option, value }]
  })
}

/**
 * Rows of tables that have the columns `option` and `default`. A dash says that there is none.
 *
 * @param {string} file
 * @param {string} page Markdown.
 * @returns {Statement[]}
 */
export function statedInTables(file, page) {
  /** @type {Statement[]} */
  const found = []
  let columns = { option: -1, value: -1 }
  for (const [index, line] of page.split('\n').entries()) {
    const cells = cellsOf(line)
    const names = cells.map((cell) => cell.toLowerCase())
    if (cells.length === 0) columns = { option: -1, value: -1 }
    else if (names.includes('option') && names.includes('default')) {
      columns = { option: names.indexOf('option'), value: names.indexOf('default') }
    } else if (columns.option >= 0 && !/^:?-+:?$/.test(cells[0] ?? '')) {
      const option = plain(cells[columns.option])
      const value = plain(cells[columns.value])
      if (value !== '' && value !== '—' && value !== '-') {
        found.push({ where: `${file}:${index + 1}`, owner: '', option, value })
      }
    }
  }
  return found
}

/** @param {string} line */
function cellsOf(line) {
  if (!line.trim().startsWith('|')) return []
  // A bar inside of code is escaped, as Markdown wants it.
  const cells = line.trim().split(/(?<!\\)\|/)
  return cells.slice(1, -1).map((cell) => cell.trim().replaceAll('\\|', '|'))
}

/** @param {string | undefined} cell */
function plain(cell = '') {
  return cell.replaceAll('`', '').trim()
}
