/**
 * Values of codec 200, which answers of HTTP are kept in, as the first release wrote them: every later one
 * goes on reading them. The files were written once, from `http-samples.ts`, by `encode`; the head may get a field
 * more, which others leave as it is, and what must change gets another codec id, and samples of its own.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { httpCodec } from '../../../src/http/http-codec.ts'
import { HTTP_SAMPLES, type HttpSample } from './http-samples.ts'

const codec = httpCodec()

function bytesOf({ file }: HttpSample): Uint8Array {
  return readFileSync(new URL(file, import.meta.url))
}

describe('stored answers of codec 200', () => {
  test.each(HTTP_SAMPLES)('$file is read as it was written', async (sample) => {
    expect(codec.id).toBe(200)
    expect(await codec.decode(bytesOf(sample))).toEqual(sample.entry)
  })

  test.each(HTTP_SAMPLES)('the content of $file is written as the same bytes', async (sample) => {
    expect([...(await codec.encode(sample.entry))]).toEqual([...bytesOf(sample)])
  })

  test.each(HTTP_SAMPLES)('$file is refused where its head is cut', async (sample) => {
    const bytes = bytesOf(sample)
    const head = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
    for (let length = 0; length < head; length += 1) {
      await expect(async () => codec.decode(bytes.subarray(0, length))).rejects.toThrow()
    }
  })

  test('keep their body when the tier they were read from uses its bytes again', async () => {
    const [sample] = HTTP_SAMPLES
    if (sample === undefined) throw new Error('There is one.')
    const bytes = Buffer.from(bytesOf(sample))
    const decoded = await codec.decode(bytes)
    bytes.fill(0)
    expect(decoded).toEqual(sample.entry)
  })

  test('each file has its content here', () => {
    const files = readdirSync(new URL('.', import.meta.url)).filter((file) =>
      /^http-.*bin$/.test(file),
    )
    expect(files.sort()).toEqual(HTTP_SAMPLES.map(({ file }) => file).sort())
  })
})
