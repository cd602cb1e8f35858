/** A collection on demand. Called between passes and round measurements of memory. */

/**
 * `young`: what a subject has just left behind, so that the next does not pay for it; quick however
 * much is held. `all`: everything that nobody can reach.
 *
 * @throws Error unless Node runs with `--expose-gc`, as every measuring process does.
 */
export function collectGarbage(what: 'young' | 'all'): void {
  if (globalThis.gc === undefined) throw new Error('Measuring needs `node --expose-gc`.')
  globalThis.gc({ type: what === 'young' ? 'minor' : 'major', execution: 'sync' })
}
