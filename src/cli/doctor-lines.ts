/** What `doctor` has seen and found, as a person reads it: the worst first. */

import type { Examined } from './finding.ts'
import { plainText } from './plain-text.ts'
import { wrapText } from './wrap-text.ts'

const COLUMNS = 110

export function doctorLines({ facts, findings }: Examined): readonly string[] {
  const width = Math.max(0, ...facts.map(({ about }) => about.length))
  const seen = facts.flatMap(({ about, value }) =>
    wrapText(plainText(`${about.padEnd(width)}  ${value}`), COLUMNS, ' '.repeat(width + 2)),
  )
  const bad = findings.filter(({ severity }) => severity === 'bad')
  const sorted = [...bad, ...findings.filter(({ severity }) => severity === 'warn')]
  const told = sorted.flatMap(({ severity, about, message, cure, code }) => [
    ...indented(`${severity === 'bad' ? 'BAD ' : 'warn'}  ${code}  ${startsWith(message, about)}`),
    ...indented(`      ${cure}`),
  ])
  const count = findings.length
  const sum =
    count === 0 ? 'Nothing was found.' : `${count} ${count === 1 ? 'finding' : 'findings'}:`
  return [...seen, ...(seen.length === 0 ? [] : ['']), sum, ...told]
}

function indented(text: string): readonly string[] {
  return wrapText(plainText(text), COLUMNS, '      ')
}

/** Some messages name the server themselves. */
function startsWith(message: string, about: string): string {
  return message.startsWith(about) ? message : `${about}: ${message}`
}
