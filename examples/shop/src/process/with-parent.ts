/**
 * What an instance that `run-instances.ts` started and the process that started it tell each other.
 * In a shop that was started by hand, nothing happens here.
 */

/** The one message there is: the instance answers at this address, and may be looked at by this link. */
export interface Listening {
  readonly address: string
  readonly dashboard: string
}

/** Then the parent prints the addresses. */
export function hasParent(): boolean {
  return process.send !== undefined
}

export function tellParent(message: Listening): void {
  if (process.connected) process.send?.(message)
}

/** A parent that was killed cannot end its instances, so they end themselves. */
export function stopWithParent(stop: () => void): void {
  if (!hasParent()) return
  if (process.connected) process.once('disconnect', stop)
  else stop()
}
