/** Several operations on keys of one shard as one step. */

import type {
  AtomicAnswer,
  AtomicOperation,
  SharedKey,
  SharedValue,
} from '../contracts/shared-tier.ts'
import type { Numbered, Sender } from '../shard/index.ts'
import { itemKeys } from './item-keys.ts'
import { judgedEntry } from './judged-entry.ts'
import { keyArgs } from './key-args.ts'
import { packTags } from './pack-tags.ts'
import { type AtomicNames, type AtomicReply, atomicScript } from './scripts/atomic-script.ts'
import type { ScriptItem } from './scripts/script.ts'
import type { StepRunner } from './step-runner.ts'

type Done = Extract<AtomicAnswer, { kind: 'done' }>['answers'][number]

const NO_BYTES = new Uint8Array()

export class AtomicSteps {
  readonly #runner: StepRunner

  constructor(runner: StepRunner) {
    this.#runner = runner
  }

  async atomic(
    shard: number,
    sender: Sender,
    operations: readonly AtomicOperation[],
  ): Numbered<AtomicAnswer> {
    const stepped = await this.#runner.mutate(atomicScript, shard, {
      keys: {},
      args: {},
      sender,
      items: operations.map((operation) => ({
        keys: itemKeys(this.#runner.names, shard, keyOf(operation)),
        ...termsOf(operation),
      })),
    })
    if ('late' in stepped) return stepped
    const { answer, moment } = stepped
    if (answer === undefined) return { late: undefined, answers: [{ kind: 'writing', ...moment }] }
    const answers = answer.map((reply, at) => done(operations[at]?.op, reply, moment.serverNow))
    return { late: undefined, answers: [{ kind: 'done', answers, ...moment }] }
  }
}

function keyOf(operation: AtomicOperation): SharedKey {
  return operation.op === 'set' ? operation.value : operation.key
}

function termsOf(operation: AtomicOperation): Omit<ScriptItem<AtomicNames>, 'keys'> {
  const value: Pick<SharedValue, 'tags' | 'envelope'> =
    operation.op === 'set' ? operation.value : { tags: [], envelope: NO_BYTES }
  const life =
    operation.op === 'set'
      ? operation.value
      : operation.op === 'touch'
        ? operation
        : { ttlMs: 0, graceMs: 0 }
  return {
    args: {
      ...keyArgs(keyOf(operation)),
      op: operation.op,
      tags: packTags(value.tags),
      envelope: value.envelope,
    },
    numbers: { ttl: life.ttlMs, grace: life.graceMs },
  }
}

function done(op: AtomicOperation['op'] | undefined, reply: AtomicReply, serverNow: number): Done {
  switch (op) {
    case 'read':
      return { op, entry: judgedEntry(reply, serverNow) }
    case 'delete':
      return { op, found: reply.flag }
    case 'touch':
      return { op, touched: reply.flag }
    case 'set':
      return { op }
    default:
      throw new TypeError('A batch was answered with more than it asked.')
  }
}
