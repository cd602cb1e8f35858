/**
 * Under which keys answers stand. A key holds the method, the URL with the parameters that count, and a
 * digest of whatever else tells answers apart: nothing that a request proves itself by stands in it.
 */

import type { ResolvedPolicy } from './resolve-policy.ts'

/** A key is text in the shared tier, and URLs have no end. */
const URL_LENGTH_MAX = 400

/** The URL as the cache tells it from others: parameters that count, in the order of their names. */
export function targetOf(url: URL, policy: ResolvedPolicy): string {
  const query = countedQuery(url.search, policy.counts)
  return `${url.protocol}//${url.host}${url.pathname}${query === '' ? '' : `?${query}`}`
}

/** `''`: the request proves nothing, so its answer may be for everybody who proves nothing either. */
export async function primaryKey(
  request: Request,
  target: string,
  policy: ResolvedPolicy,
): Promise<string> {
  const { override } = policy
  // What is private is for one user, and nobody knows it before it is answered: so nothing is left out of
  // what a request proves itself by where such answers are kept.
  const { authorization, cookies }: Pick<ResolvedPolicy['override'], 'authorization' | 'cookies'> =
    override.private === 'kept' ? {} : override
  const proof = [
    authorization === 'shared' ? null : request.headers.get('authorization'),
    countedCookies(request.headers.get('cookie'), cookies),
    ...policy.varyBy.map((name) => request.headers.get(name)),
  ]
  const url =
    target.length <= URL_LENGTH_MAX ? target : `${target.slice(0, 200)}… ${await digest(target)}`
  const apart = proof.every((part) => part === null)
    ? ''
    : ` ${await digest(JSON.stringify(proof))}`
  return `GET ${url}${apart}`
}

/** Of the fields that select an answer (RFC 9111, 4.1), as this request has them. */
export async function selectionOf(request: Request, names: readonly string[]): Promise<string> {
  if (names.length === 0) return ''
  const values = names.map((name) => [name, normalised(request.headers.get(name))])
  return await digest(JSON.stringify(values))
}

/** By which all answers of a URL are invalidated together, whoever asked for them. */
export async function targetTag(collection: string, target: string): Promise<string> {
  return `${collection}:url:${await digest(target)}`
}

/** As text that says nothing of what it was made of; 128 bits of SHA-256. */
async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  let hex = ''
  for (const byte of new Uint8Array(hash, 0, 16)) hex += byte.toString(16).padStart(2, '0')
  return hex
}

/** RFC 9111, 4.1: white space round commas tells no two values apart. */
function normalised(value: string | null): string | null {
  return value === null
    ? null
    : value
        .split(',')
        .map((part) => part.trim())
        .join(',')
}

function countedCookies(
  field: string | null,
  cookies: ResolvedPolicy['override']['cookies'],
): string | null {
  if (field === null || cookies === undefined) return field
  if (cookies === 'shared') return null
  const counted = field
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => cookies.count.includes(pair.split('=')[0]?.trim() ?? ''))
  // Sorted by value where a name comes twice: two cookies of one name are not told apart by their order.
  return counted.length === 0 ? null : counted.sort().join('; ')
}

/** Values stay as they were written: what two handlers may tell apart must not share a key. */
function countedQuery(search: string, counts: (name: string) => boolean): string {
  const pairs = search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => ({ pair, name: decoded(pair.split('=')[0] ?? '') }))
    .filter(({ name }) => counts(name))
  // Stable: what comes twice keeps its order, by which lists are told apart.
  pairs.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return pairs.map(({ pair }) => pair).join('&')
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}
