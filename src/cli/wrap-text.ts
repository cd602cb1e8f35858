/** Lines of at most so many characters, broken between words; those after the first are indented. */
export function wrapText(text: string, most: number, indent: string): readonly string[] {
  const lines: string[] = []
  const [first = '', ...words] = text.trimStart().split(' ')
  let line = ' '.repeat(text.length - text.trimStart().length) + first
  for (const word of words) {
    const longer = `${line} ${word}`
    if (longer.length <= most) {
      line = longer
      continue
    }
    lines.push(line)
    line = `${indent}${word}`
  }
  return [...lines, line]
}
