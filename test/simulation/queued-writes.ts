/** Which writes of the play an instance queues, read from the bytes that it sends. */

import type { EnvelopeFormat } from '../../src/contracts/codec.ts'
import type { EnqueueRequest } from '../../src/contracts/pending-steps.ts'
import { COLLECTION, type SimulatedKey } from './keys.ts'
import type { QueuedWrite } from './queue-judge.ts'

export interface QueuedWritesParts {
  readonly envelope: EnvelopeFormat
  readonly keys: readonly SimulatedKey[]
  /** A removal carries no value: the version of the one that this instance is calling, by key. */
  readonly removing: ReadonlyMap<string, number>
}

export function queuedWrites(
  { envelope, keys, removing }: QueuedWritesParts,
  requests: readonly EnqueueRequest[],
): readonly (QueuedWrite | undefined)[] {
  return requests.map(({ id, kind, envelope: bytes }) => {
    const key = keys.find((one) => one.id === id && one.collection === COLLECTION)?.key
    if (key === undefined) return undefined
    if (kind === 'remove') return { key, version: removing.get(key) ?? 0, kind: 'no row' }
    const decoded = envelope.decode(id, bytes)
    if (decoded instanceof Promise || !decoded.ok)
      throw new Error('A small value is not compressed.')
    return { key, version: decoded.content.value as number, kind: 'row' }
  })
}
