/**
 * The changes of one transaction, from the first word to its end.
 *
 * Each key is written as `source-writes.ts` writes it, with the commit as its store: an intent stands on
 * it from before the commit until after it, so that nobody fills it with what was there before, also if
 * this process dies in between.
 */

import type { CommitChanges } from '../contracts/after-commit.ts'
import { ArgumentError } from '../contracts/errors.ts'
import type { VersionToken } from '../contracts/options.ts'
import type { WriteReceipt } from '../contracts/receipts.ts'
import type { CacheKey, Store, StoreOutcome, StoreWrite } from '../contracts/source.ts'
import { checkValue } from './check-value.ts'
import { checkTags, refuseArgument } from './field-check.ts'
import type { SourceWrites } from './source-writes.ts'
import type { Space } from './space.ts'
import { type Moment, readVersionToken, versionToken } from './version-token.ts'

const MOST_KEYS = 1_000
const MOST_TAGS = 1_000

/** Where a change is to be made. */
export interface ChangedSpace {
  readonly space: Space
  readonly writes: SourceWrites
}

export interface CommitAttemptParts {
  /** Of a collection of this cache; `undefined`: of plain keys. @throws ArgumentError */
  readonly spaceOf: (collection: unknown) => ChangedSpace
  readonly hardMs: number
  /** A plain key that nobody has: it carries the tags of a transaction that names no key. */
  readonly carrier: () => string
}

type Write = Extract<StoreWrite<CacheKey, unknown>, { kind: 'put' | 'remove' }>

interface Change extends ChangedSpace {
  readonly write: Write
}

export class CommitAttempt implements CommitChanges {
  readonly #parts: CommitAttemptParts
  /** By their ids in the shared tier. */
  readonly #changes = new Map<string, Change>()
  readonly #tags = new Set<string>()
  readonly #outcome = Promise.withResolvers<readonly StoreOutcome[]>()
  #receipts: Promise<readonly (WriteReceipt | undefined)[]> | undefined

  constructor(parts: CommitAttemptParts) {
    this.#parts = parts
    // Nobody may be waiting for it.
    this.#outcome.promise.catch(() => {})
  }

  put(where: unknown, key: unknown, ...values: readonly unknown[]): void {
    const isPlain = typeof where === 'string'
    const value = isPlain ? key : values[0]
    checkValue(value)
    this.#note(isPlain ? undefined : where, isPlain ? where : key, (own) => {
      return { kind: 'put', key: own, value }
    })
  }

  delete(where: unknown, key?: unknown): void {
    const isPlain = typeof where === 'string'
    this.#note(isPlain ? undefined : where, isPlain ? where : key, (own) => {
      return { kind: 'remove', key: own }
    })
  }

  invalidateTags(tags: readonly string[]): void {
    this.#checkOpen()
    const most = MOST_TAGS - this.#tags.size
    const checked = checkTags(tags, { field: 'tags', refuse: refuseArgument, most })
    for (const tag of checked) this.#tags.add(tag)
  }

  /**
   * The work is over: resolves when every key is protected, or may go without.
   *
   * @throws what another write of the key would throw before it asks the store: ConflictError where one waits
   * for the source, which may need a row that the transaction has locked, and would overwrite what this one
   * commits; TierError where nobody can say whether one does; ArgumentError for bad tags.
   */
  async begin(): Promise<void> {
    if (this.#tags.size > 0 && this.#changes.size === 0) {
      const key = this.#parts.carrier()
      this.#note(undefined, key, (own) => ({ kind: 'remove', key: own }))
    }
    const begun: Promise<void>[] = []
    let refusal: { readonly error: unknown } | undefined
    const receipts = [...this.#changes.values()].map(async (change, at) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      begun.push(promise)
      let isBegun = false
      const begins = (): void => {
        isBegun = true
        resolve()
      }
      try {
        return await this.#write(change, at === 0 ? [...this.#tags] : [], begins)
      } catch (error) {
        // What goes wrong with the commit is told by whoever commits; the write has let go of its key.
        if (!isBegun) refusal = { error }
        return undefined
      } finally {
        resolve()
      }
    })
    this.#receipts = Promise.all(receipts)
    await Promise.all(begun)
    if (refusal !== undefined) throw refusal.error
  }

  /** Never rejects. */
  async committed(): Promise<{ readonly protected: boolean; readonly version: VersionToken }> {
    this.#outcome.resolve([{ kind: 'applied' }])
    const receipts = (await this.#receipts) ?? []
    const versions = receipts.map((one) => one && readVersionToken(one.version))
    const moments = versions.flatMap((version): readonly (Moment | undefined)[] => {
      return version?.kind === 'moments' ? version.moments : [undefined]
    })
    const known = moments.filter((moment) => moment !== undefined)
    return {
      protected: receipts.every((receipt) => receipt?.protected === true),
      version: versionToken(known.length === moments.length ? known : undefined),
    }
  }

  /** It did not commit, or nobody knows: no value is kept, and what was protected is let go. Never rejects. */
  async failed(error: unknown): Promise<void> {
    this.#outcome.reject(error)
    await this.#receipts
  }

  #note(collection: unknown, key: unknown, writeOf: (key: CacheKey) => Write): void {
    this.#checkOpen()
    const changed = this.#parts.spaceOf(collection)
    const { id } = changed.space.sharedKey(key as CacheKey)
    if (this.#changes.size === MOST_KEYS && !this.#changes.has(id)) {
      throw new ArgumentError({
        field: 'changes',
        expected: `at most ${MOST_KEYS} keys in one transaction`,
        actual: key,
        cure: 'Give their entries a tag, and invalidate that.',
      })
    }
    this.#changes.set(id, { ...changed, write: writeOf(key as CacheKey) })
  }

  #checkOpen(): void {
    if (this.#receipts === undefined) return
    throw new ArgumentError({
      field: 'changes',
      expected: 'used while the work of the transaction is under way',
      actual: undefined,
    })
  }

  #write(
    { space, writes, write }: Change,
    invalidateTags: readonly string[],
    begun: () => void,
  ): Promise<WriteReceipt> {
    const store: Store<CacheKey, unknown> = {
      fencing: 'unfenced',
      apply: async () => {
        begun()
        return await this.#outcome.promise
      },
    }
    return writes.run({
      store,
      write,
      policy: write.kind === 'put' ? 'through' : 'around',
      ordered: space.behind,
      whenPending: 'refuse',
      // As its other writes (protocol rule 3).
      whenUnprotected: space.behind ? 'reject' : 'allow',
      options: { invalidateTags },
      hardMs: this.#parts.hardMs,
    })
  }
}
