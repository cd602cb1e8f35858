import { describe, expect, test } from 'vitest'
import type { SharedSession } from '../contracts/shared-tier.ts'
import type { ExportedWrite } from '../contracts/write-queue.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { pendingWrite, QUEUE } from '../testing/shared-queue-steps.ts'
import { exportQueue, importQueue } from './move-queue.ts'

function open(): SharedSession {
  const context = { name: 'shop', instance: 'one', clock: new FakeClock() }
  const random = new SeededRandom(1)
  return memoryTier({ shards: 1 }).open({ ...context, random, report: () => {} })
}

async function exported(session: SharedSession): Promise<readonly ExportedWrite[]> {
  const writes: ExportedWrite[] = []
  for await (const write of exportQueue(session, QUEUE)) writes.push(write)
  return writes
}

const textOf = ({ envelope }: ExportedWrite): string => atob(envelope)

async function put(session: SharedSession, id: string, text: string): Promise<void> {
  await session.pending.enqueue([pendingWrite(id, text, { keep: 'every' })])
}

async function filled(): Promise<readonly ExportedWrite[]> {
  const session = open()
  for (const text of ['v1', 'v2', 'v3']) await put(session, 'a', text)
  await put(session, 'b', 'w1')
  return await exported(session)
}

describe('an import', () => {
  test('that was broken off goes on within a key', async () => {
    const writes = await filled()
    for (let first = 0; first <= writes.length; first += 1) {
      const session = open()
      await importQueue(session, writes.slice(0, first))
      const rest = writes.length - first
      expect(await importQueue(session, writes)).toEqual({ imported: rest, skipped: first })
      expect((await exported(session)).map(textOf)).toEqual(['v1', 'v2', 'v3', 'w1'])
    }
  })

  test('leaves out the writes of a key that has later ones', async () => {
    const writes = await filled()
    const session = open()
    await put(session, 'a', 'later')
    expect(await importQueue(session, writes)).toEqual({ imported: 1, skipped: 3 })
    expect((await exported(session)).map(textOf)).toEqual(['later', 'w1'])
  })
})
