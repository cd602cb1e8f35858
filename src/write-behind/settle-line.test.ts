import { describe, expect, test } from 'vitest'
import { TierError } from '../contracts/errors.ts'
import type { PendingRecord, SettleAnswer, SettleRequest } from '../contracts/pending-steps.ts'
import type { Ended } from './drain-telling.ts'
import { SettleLine } from './settle-line.ts'

function ended(id: string, removes: readonly string[] = []): Ended {
  const record: PendingRecord = {
    id,
    collection: 'thing',
    kind: 'put',
    epoch: 'e',
    version: 1,
    envelope: new Uint8Array(),
    removes,
    attempts: 0,
    queuedMs: 0,
  }
  return { record, outcome: { kind: 'applied' }, applied: true }
}

/** A line whose calls of the tier stand open until the test answers them. */
function setup() {
  const calls: { readonly ids: readonly string[]; readonly answer: PromiseWithResolvers<void> }[] =
    []
  const log: string[] = []
  const settle = async (requests: readonly SettleRequest[]) => {
    const ids = requests.map(({ id }) => id)
    const answer = Promise.withResolvers<void>()
    calls.push({ ids, answer })
    log.push(`settle ${ids}`)
    await answer.promise
    const moment = { shard: 0, epoch: 'e', sequence: 1, serverNow: 0 }
    return ids.map((): SettleAnswer => ({ kind: 'clean', ...moment }))
  }
  const line = new SettleLine({
    target: {
      removeTags: async (tags) => void log.push(`remove ${tags}`),
      forget: () => {},
    },
    steps: { settle },
    settled: (batch) => void log.push(`settled ${batch.map(({ record }) => record.id)}`),
  })
  return { line, calls, log }
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

describe('a line of batches to be settled', () => {
  test('settles one after the other, and ends with the last', async () => {
    const { line, calls, log } = setup()
    line.add([ended('a'), ended('b')])
    line.add([ended('c')])
    await turn()
    expect(calls.map(({ ids }) => ids)).toEqual([['a', 'b']])
    calls[0]?.answer.resolve()
    await turn()
    calls[1]?.answer.resolve()
    await line.end()
    expect(log).toEqual(['settle a,b', 'settled a,b', 'settle c', 'settled c'])
  })

  test('goes on with what comes after it was empty', async () => {
    const { line, calls, log } = setup()
    line.add([ended('a')])
    calls[0]?.answer.resolve()
    await line.end()
    line.add([ended('b')])
    await turn()
    calls[1]?.answer.resolve()
    await line.end()
    expect(log.at(-1)).toBe('settled b')
  })

  test('removes tags before what removes them is settled', async () => {
    const { line, calls, log } = setup()
    line.add([ended('a', ['red'])])
    await turn()
    calls[0]?.answer.resolve()
    await line.end()
    expect(log).toEqual(['remove red', 'settle a', 'settled a'])
  })

  test('settles nothing more after a failure, of which its end tells', async () => {
    const { line, calls, log } = setup()
    line.add([ended('a')])
    line.add([ended('b')])
    await turn()
    calls[0]?.answer.reject(new TierError('shared', 'away'))
    await expect(line.end()).rejects.toThrow('away')
    expect(line.hasFailed).toBe(true)
    line.add([ended('c')])
    await turn()
    expect(log).toEqual(['settle a'])
  })
})
