/** Carries out the operations of a plan on the instances there are. */

import type { CallParts } from './call-parts.ts'
import type { Instance } from './instance.ts'
import { expireKey, touchKey } from './key-access.ts'
import type { SimulatedKey } from './keys.ts'
import type { Operation } from './plan.ts'
import { ReadCalls } from './read-calls.ts'
import { WriteCalls } from './write-calls.ts'

/** These may load what is kept already, and later than they were asked for. */
const INSISTS: ReadonlySet<Operation['kind']> = new Set(['refresh', 'warm'])
const INSISTS_MS = 1_500

export class Operations {
  readonly reads: ReadCalls
  readonly writes: WriteCalls
  readonly #parts: CallParts

  constructor(parts: CallParts) {
    this.#parts = parts
    this.reads = new ReadCalls(parts)
    this.writes = new WriteCalls(parts)
  }

  run(instance: Instance, operation: Operation): void {
    const keys = operation.keys.flatMap((at) => this.#parts.keys[at] ?? [])
    const [key] = keys
    if (key === undefined) return
    if (INSISTS.has(operation.kind)) for (const one of keys) this.#insists(one)
    const witness = this.#parts.witness()
    if (operation.kind === 'external') {
      own(witness, this.writes.external(keys, operation.tell))
    } else if (key.collection === '' && isWrite(operation)) {
      own(witness, this.writes.set(witness, key))
    } else {
      own(instance, this.#call(instance, operation, keys, key))
    }
  }

  #insists({ key }: SimulatedKey): void {
    const { loadJudge, network } = this.#parts
    loadJudge?.needed(key, network.time.now + INSISTS_MS)
  }

  #call(
    instance: Instance,
    operation: Exclude<Operation, { kind: 'external' }>,
    keys: readonly SimulatedKey[],
    key: SimulatedKey,
  ): Promise<void> {
    switch (operation.kind) {
      case 'get':
      case 'read':
      case 'refresh':
        return this.reads.one(instance, key, operation.kind)
      case 'readVersion': {
        const token = this.#parts.tokens.pick(operation.token)
        const named = this.#parts.keys.find((one) => one.key === token?.key) ?? key
        this.#insists(named)
        return this.reads.one(instance, named, 'read', token)
      }
      case 'getMany':
        return this.reads.many(instance, keys)
      case 'put':
        return this.writes.put(instance, key)
      case 'remove':
        // That there is no row has no tags, so nobody could tell of the next row by a tag.
        return key.tags.length === 0
          ? this.writes.remove(instance, key)
          : this.writes.put(instance, key)
      case 'create':
        return this.writes.create(instance, key)
      case 'flush':
        return this.writes.flush(instance, key.collection === '' ? undefined : key)
      case 'flushAll':
        return this.writes.flush(instance, undefined)
      case 'putTagged':
        return this.writes.putTagged(instance, key)
      case 'expire':
        return expireKey(instance, key).then(() => {})
      case 'expireTag':
        return this.writes.expireTag(instance)
      case 'touch':
        return touchKey(instance, key)
      case 'cleanUp':
        // Told by the trace: nobody waits for it.
        return instance.cache.cleanUp().then(
          () => {},
          () => {},
        )
      case 'warm': {
        const stored = keys.filter(({ collection }) => collection !== '').map((one) => one.key)
        return instance.things.warm(stored).then(() => {})
      }
      default:
        return operation satisfies never
    }
  }
}

function isWrite({ kind }: Operation): boolean {
  return kind === 'put' || kind === 'remove' || kind === 'putTagged' || kind === 'create'
}

/** Counted until it comes to an end, which it must. */
function own(instance: Instance, call: Promise<void>): void {
  instance.pending += 1
  const ended = (): void => {
    instance.pending -= 1
  }
  call.then(ended, ended)
}
