import type { Writable } from 'node:stream'

/** Nobody reads what is written any more, as after `| head`: there is nothing left to do, and nothing wrong. */
export class OutputClosedError extends Error {
  constructor() {
    super('Nobody reads the output any more.')
    this.name = 'OutputClosedError'
  }
}

/**
 * Writes text to a stream. What it answers fulfils when the stream takes more, so that whoever waits for it
 * never has more in memory than the stream holds back.
 *
 * Rejects with `OutputClosedError` once the reader is gone, and with what the stream says otherwise.
 */
export function writeTo(stream: Writable): (text: string) => Promise<void> {
  let failure: Error | undefined
  let wake: (() => void) | undefined
  stream.on('error', (error: NodeJS.ErrnoException) => {
    failure ??= error.code === 'EPIPE' ? new OutputClosedError() : error
    wake?.()
  })
  return async (text) => {
    if (failure === undefined && !stream.write(text)) {
      await new Promise<void>((resolve) => {
        wake = resolve
        stream.once('drain', resolve)
      })
    }
    if (failure !== undefined) throw failure
  }
}
