/** Runs a transaction, and lets its changes of the cache count only if it commits. */

import type {
  AfterCommitOptions,
  CommitChanges,
  CommitReceipt,
  TransactionClient,
  TransactionPool,
  TransactionRunner,
} from '../contracts/after-commit.ts'
import { ArgumentError } from '../contracts/errors.ts'
import { CommitAttempt, type CommitAttemptParts } from './commit-attempt.ts'

export type TransactionLike<C> =
  | TransactionRunner<C>
  | TransactionPool<TransactionClient>
  | TransactionClient

/** @throws whatever the work, the begin or the commit throws, after which no change was made. */
export async function afterCommit<T, C>(
  parts: CommitAttemptParts,
  transaction: TransactionLike<C>,
  work: (client: C, changes: CommitChanges) => Promise<T>,
  { begin = 'BEGIN' }: AfterCommitOptions,
): Promise<CommitReceipt<T>> {
  const run = runnerOf(transaction, begin)
  let attempt: CommitAttempt | undefined
  let result: { readonly value: T } | undefined
  try {
    await run(async (client) => {
      // Asked again, the database has undone what was done before.
      await attempt?.failed(new Error('The transaction was begun again.'))
      const fresh = new CommitAttempt(parts)
      attempt = fresh
      result = undefined
      const value = await work(client, fresh)
      await fresh.begin()
      result = { value }
    })
  } catch (error) {
    // The commit may have gone through all the same, so nothing of these keys is kept.
    await attempt?.failed(error)
    throw error
  }
  if (attempt === undefined || result === undefined) {
    const error = new ArgumentError({
      field: 'transaction',
      expected: 'a function that waits for the work that it is given, and throws what that throws',
      actual: undefined,
    })
    await attempt?.failed(error)
    throw error
  }
  return { result: result.value, ...(await attempt.committed()) }
}

function runnerOf<C>(transaction: TransactionLike<C>, begin: string): TransactionRunner<C> {
  if (typeof transaction === 'function') return transaction
  const { query, totalCount } = transaction as { query?: unknown; totalCount?: unknown }
  if (typeof totalCount === 'number') {
    return async (work) => {
      const client = await (transaction as TransactionPool<TransactionClient>).connect()
      let broken: Error | undefined
      try {
        await inTransaction(client, begin, work as ClientWork, (error) => {
          broken = error
        })
      } finally {
        // A connection that could not roll back must not be used again.
        client.release(broken)
      }
    }
  }
  if (typeof query !== 'function') {
    throw new ArgumentError({
      field: 'transaction',
      expected: 'a client with `query`, a pool of `pg`, or a function that runs a transaction',
      actual: transaction,
    })
  }
  return (work) => {
    return inTransaction(transaction as TransactionClient, begin, work as ClientWork, () => {})
  }
}

type ClientWork = (client: TransactionClient) => Promise<void>

async function inTransaction(
  client: TransactionClient,
  begin: string,
  work: ClientWork,
  broke: (error: Error) => void,
): Promise<void> {
  await client.query(begin)
  try {
    await work(client)
    await client.query('COMMIT')
  } catch (error) {
    try {
      await client.query('ROLLBACK')
    } catch (failure) {
      broke(failure instanceof Error ? failure : new Error(String(failure)))
    }
    throw error
  }
}
