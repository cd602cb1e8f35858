/**
 * Hands a body on while it is collected, so that whoever caused the answer need not wait for its end.
 *
 * Up to the bound it is read as fast as it comes, whatever the pace of the client: others wait for it.
 * Beyond the bound nothing is collected any more, and it is read at the client's pace.
 */

export interface CollectedBody {
  /** For the client. Given up, the body is still collected up to the bound, and ends beyond it. */
  readonly stream: ReadableStream<Uint8Array>
  /** Never rejects. */
  readonly whole: Promise<Uint8Array | 'too-large' | 'broken'>
}

export interface CollectOptions {
  /** Bytes that are collected. */
  readonly most: number
  /** As the answer states it: who has so many bytes takes them for all. */
  readonly length: number | undefined
  /**
   * What was collected has been stored, or will not be; whoever has seen the end of an answer and asks again
   * finds it.
   */
  readonly settled: Promise<unknown>
}

export function collectBody(
  body: ReadableStream<Uint8Array>,
  { most, length, settled }: CollectOptions,
): CollectedBody {
  const reader = body.getReader()
  const collected = Promise.withResolvers<Uint8Array | 'too-large' | 'broken'>()
  const chunks: Uint8Array[] = []
  let size = 0
  let collecting = true
  let gone = false
  let wake: () => void = () => {}

  const stopCollecting = (why: 'too-large' | 'broken'): void => {
    collecting = false
    chunks.length = 0
    collected.resolve(why)
  }
  /** The client has room again, or is gone. */
  const wanted = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve
    })
  const pump = async (client: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    for (;;) {
      if (!collecting) {
        if (gone) return await reader.cancel()
        if ((client.desiredSize ?? 0) <= 0) {
          await wanted()
          continue
        }
      }
      const { done, value } = await reader.read()
      if (done) {
        // Not of one that grew too large: its bytes are gone, and its size has no bound.
        if (collecting) {
          collected.resolve(joined(chunks, size))
          await settled
        }
        if (!gone) client.close()
        return
      }
      // Not a stream of bytes, as it should be: handed on as it is, and not kept.
      if (collecting && !(value instanceof Uint8Array)) stopCollecting('broken')
      if (collecting) {
        size += value.byteLength
        if (size > most) stopCollecting('too-large')
        else chunks.push(value)
      }
      if (collecting && size === length) {
        // Whole for a client that knows its length, whether the stream says that it ends or not.
        const whole = joined(chunks, size)
        collecting = false
        chunks.length = 0
        collected.resolve(whole)
        await settled
      }
      if (!gone) client.enqueue(value)
    }
  }
  const stream = new ReadableStream<Uint8Array>({
    start(client) {
      pump(client).catch((error: unknown) => {
        stopCollecting('broken')
        if (!gone) client.error(error)
      })
    },
    pull: () => wake(),
    async cancel(reason) {
      gone = true
      wake()
      // What is under way may not come for long.
      if (!collecting) await reader.cancel(reason)
    },
  })
  return { stream, whole: collected.promise }
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}
