/** A full collection on demand, so that no subject pays for what the one before it left behind. */

/** @throws Error unless Node runs with `--expose-gc`, as every measuring process does. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('Measuring needs `node --expose-gc`.')
  globalThis.gc()
}
