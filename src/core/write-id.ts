/**
 * What a write that waits is known by: `1~<epoch>.<number>~<key>`, where the number is its version in
 * base 36 and the key is written as in a URL, with `!` for `%`: it stands in a path as it is.
 */

import { ArgumentError } from '../contracts/errors.ts'

export interface WriteId {
  /** The key as the tier stores it. */
  readonly id: string
  readonly epoch: string
  readonly version: number
}

const RADIX = 36

/** Of which nothing but the colons is written otherwise; nearly all keys are such. */
const SIMPLE = /^[A-Za-z0-9_.~'()*:-]*$/

export function writeId({ id, epoch, version }: WriteId): string {
  const key = SIMPLE.test(id)
    ? id.replaceAll(':', '!3A')
    : encodeURIComponent(id).replaceAll('!', '%21').replaceAll('%', '!')
  return `1~${epoch}.${version.toString(RADIX)}~${key}`
}

const FORM = /^1~([A-Za-z0-9]{1,64})\.([0-9a-z]{1,12})~(.+)$/s

/** @throws ArgumentError for what no receipt has. */
export function readWriteId(text: unknown): WriteId {
  const match = typeof text === 'string' ? FORM.exec(text) : null
  const [, epoch = '', number = '', key = ''] = match ?? []
  const version = Number.parseInt(number, RADIX)
  const id = match === null ? undefined : decoded(key)
  if (id !== undefined && Number.isSafeInteger(version)) return { id, epoch, version }
  throw new ArgumentError({
    field: 'id',
    expected: 'the id that a write of this collection was answered with',
    actual: text,
  })
}

function decoded(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll('!', '%'))
  } catch {
    return undefined
  }
}
