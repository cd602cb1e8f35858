/** A copy of the sources with a rule taken out, in a folder of its own. */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SourceChange } from './planted-fault.ts'

export interface Planted extends Disposable {
  readonly folder: string
}

/** @throws an error if a rule does not stand where it is looked for. */
export function plant(source: string, changes: readonly SourceChange[]): Planted {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-planted-'))
  const planted = {
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
  try {
    cpSync(source, folder, { recursive: true, filter: (path) => !path.endsWith('.test.ts') })
    for (const { file, from, to } of changes) {
      const path = join(folder, file)
      const text = readFileSync(path, 'utf8')
      if (!text.includes(from)) throw new Error(`Expected ${file} to hold: ${from}`)
      writeFileSync(path, text.replaceAll(from, to))
    }
  } catch (error) {
    planted[Symbol.dispose]()
    throw error
  }
  return planted
}
