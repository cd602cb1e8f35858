import { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { OutputClosedError, writeTo } from './write-to.ts'

/** A stream that takes one text at a time, each when the test says so. */
function setup() {
  const taken: string[] = []
  const asked: ((error?: Error) => void)[] = []
  const stream = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      taken.push(String(chunk))
      asked.push(done)
    },
  })
  return { taken, asked, write: writeTo(stream) }
}

test('who writes waits until the stream takes more', async () => {
  const { taken, asked, write } = setup()
  const order: string[] = []
  const written = write('a').then(() => order.push('written'))
  await Promise.resolve()
  order.push('taken')
  asked[0]?.()
  await written
  expect(order).toEqual(['taken', 'written'])
  expect(taken).toEqual(['a'])
})

test.each([
  ['EPIPE', OutputClosedError],
  ['EIO', Error],
])('a stream that fails with %s rejects what is written then and later', async (code, kind) => {
  const { asked, write } = setup()
  const written = write('a')
  asked[0]?.(Object.assign(new Error('failed'), { code }))
  await expect(written).rejects.toThrow(kind)
  await expect(write('b')).rejects.toThrow(kind)
})
