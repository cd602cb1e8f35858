/** Finds the examples of documentation. Used by `docs.test.ts`. */

export interface CodeBlock {
  /** File and line, for people. */
  readonly where: string
  readonly code: string
  /** Why it is not run; `undefined` if it is. */
  readonly noRun: string | undefined
}

/**
 * The `ts` blocks of a page. After the language may stand `no-run` with a reason, or `continue`: the
 * block then goes on where the one before it ended.
 *
 * @throws Error for other words there, for `no-run` without a reason, and for `continue` at the start.
 */
export function blocksOfPage(file: string, page: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  for (const match of page.matchAll(/^( *)```ts\b([^\n]*)\n([\s\S]*?)^\1```/gm)) {
    const [, indent = '', words = '', indented = ''] = match
    const where = `${file}:${lineOf(page, match.index)}`
    const code = indented.replaceAll(new RegExp(`^${indent}`, 'gm'), '')
    const [mark = '', ...reason] = words.trim().split(/\s+/)
    const last = blocks.at(-1)
    if (mark === 'continue') {
      if (last === undefined) throw new Error(`${where}: there is nothing to continue.`)
      blocks.push({ ...last, where, code: last.code + code })
    } else if (mark === 'no-run' && reason.length > 0) {
      blocks.push({ where, code, noRun: reason.join(' ') })
    } else if (mark === '') {
      blocks.push({ where, code, noRun: undefined })
    } else {
      throw new Error(`${where}: expected \`continue\` or \`no-run\` with a reason, got ${words}.`)
    }
  }
  return blocks
}

/** The `@example` parts of docstrings, up to the next tag. Fences round them are left out. */
export function blocksOfSource(file: string, source: string): CodeBlock[] {
  return [...source.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*?\*\//g)].flatMap((docstring) => {
    const lines = docstring[0]
      .slice(3, -2)
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, ''))
    const text = lines.join('\n')
    return [...text.matchAll(/^@example\b[^\n]*\n([\s\S]*?)(?=^@\w|(?![\s\S]))/gm)].map(
      (match) => ({
        where: `${file}:${lineOf(source, docstring.index) + lineOf(text, match.index) - 1}`,
        code: (match[1] ?? '').replaceAll(/^```.*$/gm, ''),
        noRun: undefined,
      }),
    )
  })
}

function lineOf(text: string, index: number): number {
  return text.slice(0, index).split('\n').length
}
