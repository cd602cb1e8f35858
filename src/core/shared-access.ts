/**
 * The shared tier as the engine uses it: calls of one tick together, each within its time budget,
 * failures reported and survived.
 *
 * A read that was not answered is `undefined`, which is not the same as "nothing there": what is
 * loaded then is kept for a short time only (protocol rule 17, `commit.ts`). Changes reject, and
 * their callers put them into the outbox.
 */

import type { Clock } from '../contracts/clock.ts'
import { TierError } from '../contracts/errors.ts'
import type { Report } from '../contracts/events.ts'
import type {
  ClaimAnswer,
  ClaimRequest,
  EndIntentRequest,
  FillAnswer,
  FillRequest,
  IntentRequest,
  Invalidation,
  InvalidationAnswer,
  ReleaseRequest,
  ScanPage,
  SetAnswer,
  ShardMoment,
  SharedKey,
  SharedReading,
  SharedSession,
  SharedUsage,
  SharedValue,
  TouchAnswer,
  TouchRequest,
} from '../contracts/shared-tier.ts'
import { TickBatch } from './tick-batch.ts'
import { within } from './within.ts'

/** Keys in one call at most. */
export const SHARED_BATCH = 1000

/**
 * How long the right to load a key is held at most: a holder that died is replaced after it. A load
 * that takes longer still answers its callers, and is not kept.
 */
const LEASE_MS = 10_000

export interface SharedAccessOptions {
  readonly session: SharedSession
  readonly clock: Clock
  readonly timeoutMs: number
  readonly report: Report
}

export class SharedAccess {
  readonly #options: SharedAccessOptions
  readonly #reads: TickBatch<SharedKey, SharedReading>
  readonly #claims: TickBatch<ClaimRequest, ClaimAnswer>
  readonly #fills: TickBatch<FillRequest, FillAnswer>
  readonly #sets: TickBatch<SharedValue, SetAnswer>
  readonly #touches: TickBatch<TouchRequest, TouchAnswer>

  constructor(options: SharedAccessOptions) {
    const { session } = options
    this.#options = options
    // Who never asks whether the tier is ready hears of it by each call.
    session.ready.catch(() => {})
    this.#reads = this.#batch('read', (keys) => session.read(keys))
    this.#claims = this.#batch('claim', (requests) =>
      session.claim(requests, { leaseMs: LEASE_MS }),
    )
    this.#fills = this.#batch('fill', (values) => session.fill(values))
    this.#sets = this.#batch('set', (values) => session.set(values))
    this.#touches = this.#batch('touch', (requests) => session.touch(requests))
  }

  get waitPollMs(): number {
    return this.#options.session.waitPollMs
  }

  get ready(): Promise<void> {
    return this.#options.session.ready
  }

  /** `undefined`: not answered. */
  read(key: SharedKey): Promise<SharedReading | undefined> {
    return this.#reads.add(key).catch(() => undefined)
  }

  /** `undefined`: not answered. */
  claim(request: ClaimRequest): Promise<ClaimAnswer | undefined> {
    return this.#claims.add(request).catch(() => undefined)
  }

  /** `undefined`: not answered, so the value may be stored or not. */
  fill(value: FillRequest): Promise<FillAnswer | undefined> {
    return this.#fills.add(value).catch(() => undefined)
  }

  /** @throws TierError if it was not answered; it may still have been carried out. */
  set(value: SharedValue): Promise<SetAnswer> {
    return this.#sets.add(value)
  }

  /** @throws TierError as `set`. */
  touch(request: TouchRequest): Promise<TouchAnswer> {
    return this.#touches.add(request)
  }

  /** A release that fails costs those who wait the rest of the lease, and nothing else. */
  async release(request: ReleaseRequest): Promise<void> {
    await this.#call('release', () => this.#options.session.release([request])).catch(() => {})
  }

  /** @throws TierError as `set`. */
  invalidate(what: Invalidation): Promise<InvalidationAnswer> {
    return this.#call('invalidate', () => this.#options.session.invalidate(what))
  }

  /** @throws TierError as `set`. */
  beginIntent(request: IntentRequest): Promise<readonly ShardMoment[]> {
    return this.#call('beginIntent', () => this.#options.session.beginIntent([request]))
  }

  /** @throws TierError as `set`. */
  endIntent(request: EndIntentRequest): Promise<readonly ShardMoment[]> {
    return this.#call('endIntent', () => this.#options.session.endIntent([request]))
  }

  /** @throws TierError as `set`. */
  scan(collection: string, cursor: string | undefined): Promise<ScanPage> {
    return this.#call('scan', () => this.#options.session.scan(collection, cursor, SHARED_BATCH))
  }

  /** @throws TierError as `set`. */
  usage(): Promise<SharedUsage> {
    return this.#call('usage', () => this.#options.session.usage())
  }

  close(): Promise<void> {
    return this.#options.session.close()
  }

  #batch<I, O>(
    operation: string,
    step: (items: readonly I[]) => Promise<readonly O[]>,
  ): TickBatch<I, O> {
    return new TickBatch({
      clock: this.#options.clock,
      limit: SHARED_BATCH,
      run: (items) => this.#call(operation, () => step(items)),
    })
  }

  /** One budget for the whole call, however many keys travel in it. */
  async #call<T>(operation: string, step: () => Promise<T>): Promise<T> {
    const { clock, timeoutMs, report } = this.#options
    try {
      return await within(clock, timeoutMs, step(), () => late(operation, timeoutMs))
    } catch (error) {
      report({ type: 'tier-failure', tier: 'shared', operation, error })
      throw error instanceof TierError
        ? error
        : new TierError('shared', `The shared tier failed at \`${operation}\`.`, { cause: error })
    }
  }
}

function late(operation: string, timeoutMs: number): TierError {
  return new TierError(
    'shared',
    `The shared tier did not answer \`${operation}\` within ${timeoutMs} ms.`,
  )
}
