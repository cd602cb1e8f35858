/**
 * What a change is known by on other instances: for each shard that it touched, the epoch and the
 * number (`minVersion`, CO-10).
 *
 * As text it is `1~<shard>.<epoch>.<number>~…`, in letters, digits, `.` and `~`. A change that nobody
 * numbered, since the tier did not answer, can only be found in the source: `1~source`.
 */

import { ArgumentError } from '../contracts/errors.ts'
import type { VersionToken } from '../contracts/options.ts'
import type { ShardMoment } from '../contracts/shared-tier.ts'

/** Longer ones would not fit a cookie beside others. */
const MAX_LENGTH = 3_072
const RADIX = 36

export type Moment = Pick<ShardMoment, 'shard' | 'epoch' | 'sequence'>

export type ReadVersion =
  | { readonly kind: 'moments'; readonly moments: readonly Moment[] }
  | { readonly kind: 'source' }

const SOURCE = '1~source' as VersionToken
const NOTHING = '1' as VersionToken

/** Of a change that takes many steps, what each shard's last was; as small as there are shards. */
export class NewestMoments {
  readonly #latest = new Map<number, Moment>()
  /** Of two epochs in one change, nobody can say which numbers still count. */
  #isMixed = false

  add(moment: Moment): void {
    const known = this.#latest.get(moment.shard)
    if (known !== undefined && known.epoch !== moment.epoch) this.#isMixed = true
    if (known === undefined || known.sequence < moment.sequence) {
      this.#latest.set(moment.shard, moment)
    }
  }

  get token(): VersionToken {
    if (this.#isMixed) return SOURCE
    if (this.#latest.size === 0) return NOTHING
    const parts = Array.from(this.#latest.values(), partOf)
    const token = `1~${parts.join('~')}`
    return token.length > MAX_LENGTH ? SOURCE : (token as VersionToken)
  }
}

/** `undefined`: the change was not numbered. */
export function versionToken(moments: readonly Moment[] | undefined): VersionToken {
  if (moments === undefined) return SOURCE
  const [only] = moments
  if (only !== undefined && moments.length === 1) return `1~${partOf(only)}` as VersionToken
  const newest = new NewestMoments()
  for (const moment of moments) newest.add(moment)
  return newest.token
}

function partOf({ shard, epoch, sequence }: Moment): string {
  return `${shard}.${epoch}.${sequence.toString(RADIX)}`
}

/** @throws ArgumentError for what is no token of this library. */
export function readVersionToken(token: unknown): ReadVersion {
  if (token === SOURCE) return { kind: 'source' }
  if (typeof token !== 'string' || token.length > MAX_LENGTH) throw refuse(token)
  const [format, ...parts] = token.split('~')
  if (format !== '1') throw refuse(token)
  return { kind: 'moments', moments: parts.map((part) => readPart(part, token)) }
}

const PART = /^(\d{1,6})\.([A-Za-z0-9]{1,64})\.([0-9a-z]{1,12})$/

function readPart(part: string, token: string): Moment {
  const match = PART.exec(part)
  if (match === null) throw refuse(token)
  const [, shard = '', epoch = '', number = ''] = match
  const sequence = Number.parseInt(number, RADIX)
  if (!Number.isSafeInteger(sequence)) throw refuse(token)
  return { shard: Number(shard), epoch, sequence }
}

/**
 * A version that has travelled through hands that are not ours, such as a cookie: `undefined` for what is none,
 * which reads take for "not asked for".
 */
export function parseVersion(text: unknown): VersionToken | undefined {
  try {
    readVersionToken(text)
    return text as VersionToken
  } catch {
    return undefined
  }
}

function refuse(token: unknown): ArgumentError {
  return new ArgumentError({
    field: 'minVersion',
    expected: 'a token that a change of this cache was answered with',
    actual: token,
  })
}
