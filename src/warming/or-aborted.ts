/** What `work` comes to, unless `signal` aborts first: a query may take longer than anybody wants it. */
export async function orAborted<T>(signal: AbortSignal, work: Promise<T> | T): Promise<T> {
  // What comes too late may fail without a word.
  const coming = Promise.resolve(work)
  coming.catch(() => {})
  signal.throwIfAborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = (): void => reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([coming, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
