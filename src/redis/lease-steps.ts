/** The steps round a load: claim, renew, fill and release. */

import type {
  ClaimAnswer,
  ClaimRequest,
  FillAnswer,
  FillRequest,
  ReleaseRequest,
  ShardMoment,
} from '../contracts/shared-tier.ts'
import { itemKeys } from './item-keys.ts'
import { judgedEntry } from './judged-entry.ts'
import { keyArgs } from './key-args.ts'
import { packTags } from './pack-tags.ts'
import { scriptNumber } from './script-number.ts'
import { type ClaimReply, claimScript } from './scripts/claim-script.ts'
import { fillScript } from './scripts/fill-script.ts'
import { releaseScript } from './scripts/release-script.ts'
import { renewLeasesScript } from './scripts/renew-leases-script.ts'
import type { StepRunner } from './step-runner.ts'

export class LeaseSteps {
  readonly #runner: StepRunner

  constructor(runner: StepRunner) {
    this.#runner = runner
  }

  async claim(
    shard: number,
    requests: readonly ClaimRequest[],
    leaseMs: number,
  ): Promise<readonly ClaimAnswer[]> {
    const { answer, moment } = await this.#runner.run(claimScript, shard, {
      keys: {},
      args: { leaseMs: scriptNumber.life(leaseMs) },
      items: requests.map((request) => ({
        keys: itemKeys(this.#runner.names, shard, request),
        args: { ...keyArgs(request), token: request.token },
        numbers: { left: request.leftMs ?? 0 },
      })),
    })
    return answer.map((reply) => claimed(reply, moment))
  }

  async fill(shard: number, values: readonly FillRequest[]): Promise<readonly FillAnswer[]> {
    const { answer, moment } = await this.#runner.run(fillScript, shard, {
      keys: {},
      args: {},
      items: values.map((value) => ({
        keys: itemKeys(this.#runner.names, shard, value),
        args: {
          ...keyArgs(value),
          token: value.token,
          granted: value.epoch,
          tags: packTags(value.tags),
          renews: value.envelope === undefined ? '1' : '',
          envelope: value.envelope ?? '',
        },
        numbers: { grant: value.grant, ttl: value.ttlMs, grace: value.graceMs },
      })),
    })
    return answer.map((stored) => ({ kind: stored ? 'stored' : 'refused', ...moment }))
  }

  async renew(shard: number, requests: readonly ReleaseRequest[], leaseMs: number): Promise<void> {
    const args = { leaseMs: scriptNumber.life(leaseMs) }
    const items = this.#held(shard, requests)
    await this.#runner.run(renewLeasesScript, shard, { keys: {}, args, items })
  }

  async release(shard: number, requests: readonly ReleaseRequest[]): Promise<void> {
    const items = this.#held(shard, requests)
    await this.#runner.run(releaseScript, shard, { keys: {}, args: {}, items })
  }

  #held(
    shard: number,
    requests: readonly ReleaseRequest[],
  ): readonly {
    readonly keys: { readonly lease: string }
    readonly args: { readonly id: string; readonly token: string; readonly grant: string }
  }[] {
    return requests.map(({ id, token, grant }) => ({
      keys: { lease: this.#runner.names.lease(shard, id) },
      args: { id, token, grant: grant === undefined ? '' : String(grant) },
    }))
  }
}

function claimed(reply: ClaimReply, moment: ShardMoment): ClaimAnswer {
  const { kind, grant, remainingMs } = reply
  const entry = judgedEntry(reply, moment.serverNow)
  switch (kind) {
    case 'writing':
      return { kind, ...moment }
    case 'wait':
      return { kind, remainingMs, grant, entry, ...moment }
    case 'granted':
      return { kind, grant, entry, ...moment }
    case 'fresh':
      // The script has read the same bytes; it calls nothing fresh that it cannot take apart.
      if (entry === undefined) throw new TypeError('A fresh entry came without its bytes.')
      return { kind, entry, ...moment }
    default:
      return kind satisfies never
  }
}
