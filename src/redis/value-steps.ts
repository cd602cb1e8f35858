/** The steps on values and writes that come without a load: set, touch, begin and end of a write. */

import type {
  EndIntentAnswer,
  EndIntentRequest,
  IntentAnswer,
  IntentRequest,
  SetAnswer,
  SharedValue,
  TouchAnswer,
  TouchRequest,
} from '../contracts/shared-tier.ts'
import type { Numbered, Sender } from '../shard/index.ts'
import { answered } from './answered.ts'
import { itemKeys } from './item-keys.ts'
import { keyArgs } from './key-args.ts'
import { packTags } from './pack-tags.ts'
import { scriptNumber } from './script-number.ts'
import { beginIntentScript } from './scripts/begin-intent-script.ts'
import { type EndIntentNames, endIntentScript } from './scripts/end-intent-script.ts'
import type { ScriptItem } from './scripts/script.ts'
import { setScript } from './scripts/set-script.ts'
import { touchScript } from './scripts/touch-script.ts'
import type { StepRunner } from './step-runner.ts'

const NO_BYTES = new Uint8Array()

export class ValueSteps {
  readonly #runner: StepRunner

  constructor(runner: StepRunner) {
    this.#runner = runner
  }

  async set(shard: number, sender: Sender, values: readonly SharedValue[]): Numbered<SetAnswer> {
    const stepped = await this.#runner.mutate(setScript, shard, {
      keys: {},
      args: {},
      sender,
      items: values.map((value) => ({
        keys: itemKeys(this.#runner.names, shard, value),
        args: {
          ...keyArgs(value),
          tags: packTags(value.tags),
          envelope: value.envelope,
        },
        numbers: { ttl: value.ttlMs, grace: value.graceMs },
      })),
    })
    return answered(stepped, ({ stored, number }, moment) => ({
      kind: stored ? 'stored' : 'writing',
      ...moment,
      sequence: number,
    }))
  }

  async touch(
    shard: number,
    sender: Sender,
    requests: readonly TouchRequest[],
  ): Numbered<TouchAnswer> {
    const stepped = await this.#runner.mutate(touchScript, shard, {
      keys: {},
      args: {},
      sender,
      items: requests.map((request) => ({
        keys: itemKeys(this.#runner.names, shard, request),
        args: { ...keyArgs(request), seenEpoch: request.epoch },
        numbers: { seenStamp: request.stamp, ttl: request.ttlMs, grace: request.graceMs },
      })),
    })
    return answered(stepped, (same, moment) => ({ kind: same ? 'touched' : 'gone', ...moment }))
  }

  async beginIntent(
    shard: number,
    sender: Sender,
    requests: readonly IntentRequest[],
  ): Numbered<IntentAnswer> {
    const stepped = await this.#runner.mutate(beginIntentScript, shard, {
      keys: {},
      args: {},
      sender,
      items: requests.map((request) => ({
        keys: {
          ...itemKeys(this.#runner.names, shard, request),
          queue: this.#runner.names.queue(shard, request.collection).queue,
        },
        args: {
          ...keyArgs(request),
          token: request.token,
          deadlineMs: scriptNumber.life(request.deadlineMs),
          tags: packTags(request.tags),
        },
      })),
    })
    return answered(
      stepped,
      (sequence, moment): IntentAnswer =>
        sequence === 0 ? { kind: 'pending', ...moment } : { kind: 'begun', ...moment, sequence },
    )
  }

  async endIntent(
    shard: number,
    sender: Sender,
    requests: readonly EndIntentRequest[],
  ): Numbered<EndIntentAnswer> {
    const stepped = await this.#runner.mutate(endIntentScript, shard, {
      keys: {},
      args: {},
      sender,
      items: requests.map((request) => ({
        keys: {
          ...itemKeys(this.#runner.names, shard, request),
          dead: this.#runner.names.queue(shard, request.collection).dead,
        },
        args: endArgs(request),
        numbers: {
          begunNumber: request.begun?.number ?? 0,
          ttl: request.value?.ttlMs ?? 0,
          grace: request.value?.graceMs ?? 0,
        },
      })),
    })
    return answered(stepped, (set, moment) => ({ kind: set ? 'set' : 'removed', ...moment }))
  }
}

function endArgs(request: EndIntentRequest): ScriptItem<EndIntentNames>['args'] {
  const { token, tags, begun, value } = request
  return {
    ...keyArgs(request),
    token,
    removed: packTags(tags),
    begunEpoch: begun?.epoch ?? '',
    sets: value === undefined ? '0' : '1',
    written: request.written === true ? '1' : '0',
    tags: packTags(value?.valueTags ?? []),
    envelope: value?.envelope ?? NO_BYTES,
  }
}
