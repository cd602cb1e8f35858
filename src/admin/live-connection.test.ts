import { describe, expect, test } from 'vitest'
import { LiveConnection } from './live-connection.ts'

function setup() {
  const time = { now: 0 }
  const ended: number[] = []
  const connection = new LiveConnection({ now: () => time.now, onEnd: () => ended.push(time.now) })
  const reader = connection.stream.getReader()
  const read = async (): Promise<string> => new TextDecoder().decode((await reader.read()).value)
  return {
    time,
    ended,
    connection,
    reader,
    read,
    bytes: (text: string) => new TextEncoder().encode(text),
  }
}

describe('a reader of what is live', () => {
  test('gets every event, and of the figures only the last', async () => {
    const { connection, read, bytes, ended } = setup()
    connection.show(bytes('figures 1'))
    connection.send(bytes('a'))
    connection.send(bytes('b'))
    connection.show(bytes('figures 2'))
    expect([await read(), await read(), await read()]).toEqual(['a', 'b', 'figures 2'])

    const waiting = read()
    connection.send(bytes('c'))
    expect(await waiting).toBe('c')
    expect(ended).toEqual([])
  })

  test('that is slower than events come is cut off, and what waits for it is bounded', async () => {
    const { connection, reader, bytes, ended } = setup()
    const event = bytes('x'.repeat(1_024))
    for (let n = 0; n < 256; n += 1) connection.send(event)
    expect(ended).toEqual([])
    connection.send(event)
    expect(ended).toEqual([0])
    await expect(reader.read()).rejects.toThrow('too slow')
    connection.send(event)
    connection.end()
    expect(ended).toEqual([0])
  })

  test('that reads nothing for half a minute is cut off, and one that waits for more is not', async () => {
    const { time, connection, read, bytes, ended } = setup()
    connection.send(bytes('a'))
    await read()
    const waiting = read()
    time.now = 60_000
    connection.checkPace()
    connection.send(bytes('b'))
    expect([await waiting, ended]).toEqual(['b', []])

    connection.show(bytes('figures'))
    time.now = 90_001
    connection.checkPace()
    expect(ended).toEqual([90_001])
  })

  test('may leave, and then nothing is kept for it', async () => {
    const { connection, reader, bytes, ended } = setup()
    await reader.cancel()
    expect(ended).toEqual([0])
    connection.send(bytes('a'))
    connection.show(bytes('b'))
    connection.checkPace()
    connection.cut()
    expect(ended).toEqual([0])
  })
})
