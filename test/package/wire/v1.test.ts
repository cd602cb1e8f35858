/**
 * Envelopes as version 1 wrote them, kept so that every later release goes on reading them.
 *
 * The `.bin` files were written once, each with the content and the key that `v1.json` gives it:
 *
 *     for (const sample of storedSamples()) {
 *       const { bytes } = await formatOf(sample).encode(sample.key, sample.content)
 *       writeFileSync(new URL(sample.file, import.meta.url), bytes)
 *     }
 *
 * They are never written again. What must change gets another version, and samples of its own.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createEnvelopeFormat } from '../../../src/codecs/envelope-format.ts'
import { jsonCodec } from '../../../src/codecs/json-codec.ts'
import { resolveCompression } from '../../../src/codecs/resolve-compression.ts'
import { structuredCloneCodec } from '../../../src/codecs/structured-clone-codec.ts'
import type { EnvelopeFormat } from '../../../src/contracts/codec.ts'
import { type StoredSample, storedSamples } from './stored-samples.ts'

const SAMPLES = storedSamples()
const DEFAULTS = { algorithm: 'zstd', above: 1024, maxInflatedBytes: 67_108_864 } as const

function formatOf({ codec, compression }: StoredSample): EnvelopeFormat {
  return createEnvelopeFormat({
    codecs: [jsonCodec(), structuredCloneCodec()],
    write: codec === 'json' ? jsonCodec() : structuredCloneCodec(),
    ...resolveCompression(compression, DEFAULTS),
    clock: { now: () => 0, monotonic: () => 0, schedule: () => () => undefined },
  })
}

function bytesOf({ file }: StoredSample): Uint8Array {
  return readFileSync(new URL(file, import.meta.url))
}

describe('stored envelopes of version 1', () => {
  test.each(SAMPLES)('$file is read as it was written', async (sample) => {
    expect(await formatOf(sample).decode(sample.key, bytesOf(sample))).toEqual({
      ok: true,
      content: sample.content,
    })
  })

  test.each(SAMPLES)(
    '$file is a miss with any bit flipped, cut anywhere, or re-keyed',
    async (sample) => {
      const format = formatOf(sample)
      const bytes = bytesOf(sample)
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = Uint8Array.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        expect(await format.decode(sample.key, flipped), `bit ${bit}`).toMatchObject({ ok: false })
      }
      for (let length = 0; length < bytes.length; length++) {
        const cut = bytes.subarray(0, length)
        expect(await format.decode(sample.key, cut), `cut to ${length}`).toMatchObject({
          ok: false,
        })
      }
      expect(await format.decode(`${sample.key}1`, bytes)).toMatchObject({ ok: false })
    },
  )

  // Compressed bytes depend on the library that compressed, those of a structured clone on Node.
  test.each(
    SAMPLES.filter(({ codec, compression }) => codec === 'json' && compression === undefined),
  )('the content of $file is written as the same bytes', async (sample) => {
    const { bytes } = await formatOf(sample).encode(sample.key, sample.content)
    expect([...bytes]).toEqual([...bytesOf(sample)])
  })

  test('each file has its content beside it', () => {
    const files = readdirSync(new URL('.', import.meta.url)).filter((file) => /^v1-/.test(file))
    expect(files.sort()).toEqual(SAMPLES.map(({ file }) => file).sort())
  })
})
