import { describe, expect, test } from 'vitest'
import { FollowQueue } from './follow-queue.ts'

/** A queue whose follows end when the test says so. */
function setup() {
  const sent: { readonly beat: boolean; readonly end: (done: boolean) => void }[] = []
  const known = { epoch: 'e', upTo: 10 }
  const queue = new FollowQueue({
    follow: (beat) => {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      sent.push({ beat, end: resolve })
      return promise
    },
    knows: ({ epoch, upTo }) => epoch === known.epoch && upTo <= known.upTo,
  })
  const end = async (done = true): Promise<void> => {
    sent.at(-1)?.end(done)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return { queue, sent, known, end }
}

describe('the queue of follows', () => {
  test('sends a follow at once where none is under way', async () => {
    const { queue, sent, end } = setup()
    const done = queue.ask(true)
    expect([sent.length, queue.running]).toEqual([1, 'beat'])
    await end()
    expect([await done, queue.running]).toEqual([true, 'no'])
  })

  test('answers who comes meanwhile by one that is sent afterwards, shared by all of them', async () => {
    const { queue, sent, end } = setup()
    const first = queue.ask(false)
    const [second, third] = [queue.ask(false), queue.ask(true)]
    expect([sent.length, queue.running]).toEqual([1, 'read'])
    await end(true)
    expect(await first).toBe(true)
    expect(sent.map(({ beat }) => beat)).toEqual([false, true])
    await end(false)
    expect([await second, await third, sent.length]).toEqual([false, false, 2])
  })

  test('follows what was heard of meanwhile, unless the one under way has brought it', async () => {
    const { queue, sent, known, end } = setup()
    void queue.ask(false)
    queue.hear({ epoch: 'e', upTo: 12 }, false)
    queue.hear({ epoch: 'e', upTo: 11 }, false)
    known.upTo = 12
    await end()
    expect(sent.length).toBe(1)
    void queue.ask(false)
    queue.hear({ epoch: 'e', upTo: 14 }, true)
    queue.hear({ epoch: 'e', upTo: 13 }, false)
    known.upTo = 13
    await end()
    expect(sent.map(({ beat }) => beat)).toEqual([false, false, true])
    known.upTo = 14
    await end()
    expect(sent.length).toBe(3)
  })

  test('follows once more when two epochs were heard of, whichever is known', async () => {
    const { queue, sent, known, end } = setup()
    void queue.ask(false)
    queue.hear({ epoch: 'other', upTo: 1 }, false)
    queue.hear({ epoch: 'e', upTo: 11 }, false)
    known.upTo = 11
    await end()
    expect(sent.length).toBe(2)
    await end()
    expect(sent.length).toBe(2)
  })

  test('hears at once where none is under way, and only what is news', () => {
    const { queue, sent } = setup()
    queue.hear({ epoch: 'e', upTo: 10 }, false)
    expect(sent.length).toBe(0)
    queue.hear({ epoch: 'other', upTo: 0 }, true)
    expect(sent.map(({ beat }) => beat)).toEqual([true])
  })

  test('sends nothing after its end, and answers those who wait', async () => {
    const { queue, sent, end } = setup()
    void queue.ask(false)
    const waiting = queue.ask(true)
    queue.hear({ epoch: 'other', upTo: 1 }, false)
    queue.close()
    expect([await waiting, await queue.ask(true)]).toEqual([false, false])
    queue.hear({ epoch: 'other', upTo: 1 }, false)
    await end()
    expect(sent.length).toBe(1)
  })
})
