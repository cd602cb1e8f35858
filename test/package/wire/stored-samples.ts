/** What `v1.json` says of the stored envelopes, as values. Read by `v1.test.ts`. */

import { readFileSync } from 'node:fs'
import type { EnvelopeContent } from '../../../src/contracts/codec.ts'
import type { CompressionName } from '../../../src/contracts/options.ts'

export interface StoredSample {
  readonly file: string
  readonly key: string
  readonly codec: 'json' | 'structured-clone'
  readonly compression?: CompressionName
  readonly content: EnvelopeContent
}

export function storedSamples(): readonly StoredSample[] {
  const text = readFileSync(new URL('v1.json', import.meta.url), 'utf8')
  return JSON.parse(text, (_name, value: unknown) => revived(value)) as StoredSample[]
}

/** Values that JSON has no text for stand as objects with one property, named `$` and the type. */
function revived(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const [name, ...others] = Object.keys(value)
  if (name === undefined || others.length > 0) return value
  const inner: unknown = Reflect.get(value, name)
  switch (name) {
    case '$undefined':
      return undefined
    case '$number':
      return Number(inner)
    case '$bigint':
      return BigInt(inner as string)
    case '$date':
      return new Date(inner as number)
    case '$map':
      return new Map(inner as [unknown, unknown][])
    case '$set':
      return new Set(inner as unknown[])
    case '$bytes':
      return Uint8Array.from(inner as number[])
    case '$repeat': {
      const [text, times] = inner as [string, number]
      return text.repeat(times)
    }
    default:
      return value
  }
}
