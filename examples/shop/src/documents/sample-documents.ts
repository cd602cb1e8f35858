/** The documents that a shop begins with, always the same ones, each with the versions it went through. */

import { SeededNumbers } from '../database/seeded-numbers.ts'
import type { Document } from './document.ts'

const SEED = 20_260_404
const DOCUMENTS = 100
const OPENED_AT = Date.UTC(2026, 0, 1)
const DAY_MS = 86_400_000

const SUBJECTS = ['Returns', 'Deliveries', 'Catalogue', 'Suppliers', 'Opening hours'] as const
const KINDS = ['handbook', 'checklist', 'plan', 'minutes'] as const
const SENTENCES = [
  'Parcels that come back are checked on the day they arrive.',
  'Whoever packs signs the slip.',
  'Prices are reviewed in the first week of a quarter.',
  'A customer hears from us within a working day.',
  'Stock is counted twice a year.',
] as const

export interface SampleDocuments {
  readonly documents: readonly Document[]
  readonly versions: readonly object[]
}

export function sampleDocuments(): SampleDocuments {
  const numbers = new SeededNumbers(SEED)
  const documents: Document[] = []
  const versions: object[] = []
  for (let id = 1; id <= DOCUMENTS; id += 1) {
    const title = `${numbers.pick(SUBJECTS)}: ${numbers.pick(KINDS)} ${id}`
    const last = numbers.between(1, 4)
    let text: string = numbers.pick(SENTENCES)
    for (let version = 1; version <= last; version += 1) {
      const savedAt = OPENED_AT - (last - version) * 7 * DAY_MS
      if (version > 1) text += `\n${numbers.pick(SENTENCES)}`
      versions.push({ documentId: id, version, title, text, savedAt })
    }
    documents.push({ id, title, text, version: last, updatedAt: OPENED_AT })
  }
  return { documents, versions }
}
