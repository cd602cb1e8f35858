/**
 * How far what is known of one shard can be trusted: when the last follow was sent that the shard has
 * answered, on the connection that stands.
 *
 * Written by `ShardFollower` and `followShard`. All moments are on the monotonic clock.
 */
export class ShardTrust {
  readonly #trustMs: number
  readonly #connectedMs: number
  #sentAt = Number.NEGATIVE_INFINITY
  #followed = false
  #turn = 0

  /** `Infinity`: once followed, trusted for ever. */
  constructor({
    trustMs,
    connectedMs,
  }: {
    readonly trustMs: number
    readonly connectedMs: number
  }) {
    this.#trustMs = trustMs
    this.#connectedMs = connectedMs
  }

  /** Another one after each break: a follow that was sent in an earlier turn proves nothing. */
  get turn(): number {
    return this.#turn
  }

  /** Until when copies may be served; `-Infinity`: they may not. */
  get until(): number {
    return this.#sentAt === Number.NEGATIVE_INFINITY ? this.#sentAt : this.#sentAt + this.#trustMs
  }

  /** A follow that was sent at `sentAt`, in this turn, has been answered whole. */
  confirm(sentAt: number): void {
    this.#sentAt = sentAt
    this.#followed = true
  }

  /** Another connection: copies are as good as they were, but nothing is read before a follow. */
  reconnected(): void {
    this.#turn += 1
    this.#followed = false
  }

  /** Nothing is trusted before the next follow, nor the answer to one that is under way. */
  lose(): void {
    this.#turn += 1
    this.renew()
  }

  /** Nothing is trusted before the follow that is under way has come to its end. */
  renew(): void {
    this.#followed = false
    this.#sentAt = Number.NEGATIVE_INFINITY
  }

  get followed(): boolean {
    return this.#followed
  }

  trusted(now: number): boolean {
    return now <= this.until
  }

  connected(now: number): boolean {
    return this.until !== Number.NEGATIVE_INFINITY && this.blindMs(now) <= this.#connectedMs
  }

  blindMs(now: number): number {
    return now - this.#sentAt
  }
}
