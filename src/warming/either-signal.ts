/** Aborts with the first of the two. `release` lets go of them: the first lives as long as the cache. */
export function eitherOf(
  first: AbortSignal,
  second: AbortSignal | undefined,
): { readonly signal: AbortSignal; readonly release: () => void } {
  if (second === undefined) return { signal: first, release: () => {} }
  const controller = new AbortController()
  const abort = (): void => controller.abort(first.aborted ? first.reason : second.reason)
  const signals = [first, second]
  for (const signal of signals) {
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  }
  const release = (): void => {
    for (const signal of signals) signal.removeEventListener('abort', abort)
  }
  return { signal: controller.signal, release }
}
