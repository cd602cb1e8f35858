/** What a file is worth for a cache, with the cure of each finding. */

import type { SqliteExamination } from '../sqlite/index.ts'
import { bytes, count } from './figures.ts'
import type { Examined, Finding } from './finding.ts'

/** Of a file, that may be free before it is worth a word. */
const FREE = 0.5
const LEAST_BYTES = 16 * 1_024 * 1_024

export function judgeSqlite(seen: SqliteExamination, path: string, name: string): Examined {
  if (seen.state !== 'answers') {
    const message = seen.state === 'foreign' ? 'It is the database of another program.' : seen.fault
    const cure = 'See whether the path is that of the instances, and its rights.'
    const finding: Finding = { severity: 'bad', code: 'file', about: path, message, cure }
    return { facts: [], findings: [finding], away: seen.state === 'unreadable' }
  }
  const { layout, layoutHere, caches, fileBytes, freeBytes, damage } = seen
  const findings: Finding[] = []
  const add = (finding: Omit<Finding, 'about'>): void =>
    void findings.push({ ...finding, about: path })
  if (damage.length > 0) {
    add({
      severity: 'bad',
      code: 'file',
      message: `It is damaged: ${damage[0]}`,
      cure: 'Export what waits for the source (`tiercel queue export`), and let the instances begin with a new file.',
    })
  }
  if (layout !== layoutHere) {
    const newer = layout > layoutHere
    add({
      severity: newer ? 'bad' : 'warn',
      code: 'protocol',
      message: `Its layout has version ${layout}, this release's is ${layoutHere}.`,
      cure: newer
        ? 'Use the same release everywhere; this one refuses to work on it.'
        : 'The next instance of this release lays it out anew.',
    })
  }
  if (fileBytes > LEAST_BYTES && freeBytes > FREE * fileBytes) {
    add({
      severity: 'warn',
      code: 'file-space',
      message: `${bytes(freeBytes)} of its ${bytes(fileBytes)} are free pages.`,
      cure: 'Running instances give them back bit by bit; `VACUUM` does at once, while none runs.',
    })
  }
  const line = caches.find((one) => one.name === name)
  if (line === undefined && layout === layoutHere) {
    const others = caches.map((one) => one.name).join(', ')
    add({
      severity: 'warn',
      code: 'no-cache',
      message: `There is no cache \`${name}\` in it${others === '' ? '' : `; there is ${others}`}.`,
      cure: 'See whether the name and the path are those of the instances.',
    })
  }
  const facts = [
    { about: 'sqlite', value: `${path}, ${bytes(fileBytes)}, ${bytes(freeBytes)} free` },
  ]
  if (line !== undefined) {
    const some = Object.entries(line.collections)
      .map(([collection, entries]) => `${collection || 'plain keys'} ${count(entries)}`)
      .join(', ')
    const value = `${name}: ${count(line.entries)} entries, ${bytes(line.bytes)}${some === '' ? '' : ` (${some})`}`
    facts.push({ about: 'cache', value })
  }
  return { facts, findings }
}
