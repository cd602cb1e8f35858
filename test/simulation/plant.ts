/**
 * Sources with a rule taken out, in this process: whatever imports them from now on has them so. Nothing is
 * copied, so that all other files are the ones that are compiled already.
 */

import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { SourceChange } from './planted-fault.ts'

/** `folder` has what `src` has. @throws an error if a rule does not stand where it is looked for. */
export function plant(folder: string, changes: readonly SourceChange[]): void {
  const texts = new Map<string, string>()
  for (const { file, from, to } of changes) {
    const path = join(folder, file)
    const url = pathToFileURL(path).href
    const text = texts.get(url) ?? readFileSync(path, 'utf8')
    if (!text.includes(from)) throw new Error(`Expected ${file} to hold: ${from}`)
    texts.set(url, text.replaceAll(from, to))
  }
  if (texts.size === 0) return
  registerHooks({
    load(url, context, nextLoad) {
      const source = texts.get(url)
      if (source === undefined) return nextLoad(url, context)
      return { format: 'module-typescript', source, shortCircuit: true }
    },
  })
}
