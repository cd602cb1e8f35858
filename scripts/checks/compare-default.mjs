/** Compares one stated default with the value in `DEFAULTS`. Used by `check-docs.mjs`. */

import { runInNewContext } from 'node:vm'

/** @typedef {import('./stated-defaults.mjs').Statement} Statement */

/** Interfaces whose properties lie deeper in `DEFAULTS`, where one name stands in several places. */
const folderOf = new Map([
  ['Timeouts', 'timeouts'],
  ['MemoryOptions', 'memory'],
  ['MetricsOptions', 'metrics'],
  ['CompressionOptions', 'compression'],
  ['CoherenceOptions', 'coherence'],
  ['BehindOptions', 'behind'],
  ['DeleteOptions', 'deletion'],
  ['HeatOptions', 'heat'],
  ['HotWarming', 'hot'],
  ['LockOptions', 'lock'],
  ['PredictWarming', 'predict'],
  ['StartWarming', 'warmStart'],
  ['WarmOptions', 'warm'],
  ['WarmingOptions', 'warming'],
  ['AlertOptions', 'alerts'],
  ['AuditOptions', 'audit'],
  ['IdleOptions', 'cleanUp'],
  ['SourceBreaker', 'breaker'],
  ['RefreshAhead', 'ahead'],
  ['OldVersions', 'removal'],
  ['RemoveOldVersionsOptions', 'removal'],
])

/** Statements whose option goes by another name in `DEFAULTS`. */
const otherNames = new Map([
  ['Cache.compact', 'memory.compaction'],
  ['Collection.forecast', 'forecast.limit'],
])

/** What is no value that could stand in `DEFAULTS`, and what it is then. */
const notValues = new Map([
  ['CacheOptions.codec', 'an object, made where the cache is put together'],
  ['CodecOptions.codec', 'an object, made where the cache is put together'],
  ['CallOptions.read', 'the absence of a restriction'],
  ['CollectionOptions.write', 'an object, one policy for each operation'],
  ['ModeOptions.scope', 'a word of one call, whose absence is this instance'],
  ['SettleRequest.isRepeatable', 'an argument between rooms, which no user gives'],
  ['ClaimRequest.leftMs', 'an argument between rooms, which no user gives'],
])

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * @param {Statement} statement
 * @param {object} defaults
 * @returns {string[]} What is wrong, for people; empty if nothing.
 */
export function compareDefault({ where, owner, option, value }, defaults) {
  const name = owner === '' ? option : `${owner}.${option}`
  if (notValues.has(name)) return []
  const places = flatten(defaults)
  const path = placeOf(owner, otherNames.get(name) ?? option, [...places.keys()])
  if (path === undefined) return [`${where}: \`${name}\` has no place in DEFAULTS.`]
  const stated = literal(value)
  const actual = places.get(path)
  if (covers(actual, stated)) return []
  const shown = JSON.stringify(actual)
  return [`${where}: \`${name}\` is said to be ${value} by default; DEFAULTS.${path} is ${shown}.`]
}

/**
 * @param {string} owner
 * @param {string} option
 * @param {readonly string[]} paths
 */
function placeOf(owner, option, paths) {
  const folder = folderOf.get(owner)
  const exact = [folder === undefined ? option : `${folder}.${option}`, option]
  const found = exact.find((path) => paths.includes(path))
  if (found !== undefined) return found
  const ending = paths.filter((path) => path.endsWith(`.${option}`))
  return ending.length === 1 ? ending[0] : undefined
}

/**
 * @param {object} value
 * @param {string} prefix
 * @returns {Map<string, unknown>} Every property by its path, those that hold others included.
 */
function flatten(value, prefix = '') {
  /** @type {Map<string, unknown>} */
  const places = new Map()
  for (const [key, inner] of Object.entries(value)) {
    places.set(prefix + key, inner)
    if (typeof inner !== 'object' || inner === null) continue
    for (const [path, deeper] of flatten(inner, `${prefix}${key}.`)) places.set(path, deeper)
  }
  return places
}

/**
 * @param {string} text
 * @returns {unknown} The value of a literal; the text itself where it is none.
 */
function literal(text) {
  try {
    // An end for what never ends; on a busy machine a plain literal has taken 100 ms.
    const value = runInNewContext(`(${text})`, {}, { timeout: 5_000 })
    // From another realm; a plain copy compares like ours.
    return typeof value === 'object' ? JSON.parse(JSON.stringify(value)) : value
  } catch {
    return text
  }
}

/**
 * @param {unknown} actual
 * @param {unknown} stated An object may leave properties out.
 * @returns {boolean}
 */
function covers(actual, stated) {
  if (typeof stated === 'object' && stated !== null) {
    if (typeof actual !== 'object' || actual === null) return false
    const inner = new Map(Object.entries(actual))
    return Object.entries(stated).every(([key, value]) => covers(inner.get(key), value))
  }
  return Object.is(milliseconds(actual), milliseconds(stated))
}

/** @param {unknown} value */
function milliseconds(value) {
  const match = typeof value === 'string' ? /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) : null
  if (match === null) return value
  const [, count, unit] = match
  return Number(count) * unitsMs[/** @type {keyof typeof unitsMs} */ (unit)]
}
