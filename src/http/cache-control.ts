/** `Cache-Control` as RFC 9111, section 5.2, has it. Read by whatever judges a request or an answer. */

/** Directives in lower case, each with all the arguments that it was given. */
export type Directives = ReadonlyMap<string, readonly (string | undefined)[]>

/** RFC 9111, 1.2.2: what is larger counts as this. */
export const SECONDS_MAX: number = 2 ** 31

/** Never throws: what makes no sense is a directive that nobody knows. */
export function readDirectives(field: string | null): Directives {
  const directives = new Map<string, (string | undefined)[]>()
  for (const member of listMembers(field ?? '')) {
    const equals = member.indexOf('=')
    const name = (equals < 0 ? member : member.slice(0, equals)).trim().toLowerCase()
    if (name === '') continue
    const values = directives.get(name) ?? []
    values.push(equals < 0 ? undefined : unquoted(member.slice(equals + 1)))
    directives.set(name, values)
  }
  return directives
}

/**
 * The directive's seconds; `undefined`: it is not there. What is no number counts as 0, and of several the
 * least counts: RFC 9111, 4.2.1, has a cache take what is unclear for stale.
 */
export function secondsOf(directives: Directives, name: string): number | undefined {
  const values = directives.get(name)
  if (values === undefined) return undefined
  return Math.min(...values.map((text) => deltaSeconds(text) ?? 0))
}

/** Said of the whole answer: RFC 9111, 5.2.2.4 and 5.2.2.7, let two directives name fields instead. */
export function saysOfAll(directives: Directives, name: 'no-cache' | 'private'): boolean {
  return directives.get(name)?.includes(undefined) ?? false
}

/** RFC 9111, 1.2.2: a whole number of seconds, not negative. */
export function deltaSeconds(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Math.min(Number(text), SECONDS_MAX) : undefined
}

/** Members of a list; a comma within quotes parts nothing (RFC 9110, 5.6.1 and 5.6.4). */
export function listMembers(field: string): string[] {
  const members: string[] = []
  let from = 0
  let quoted = false
  for (let at = 0; at <= field.length; at += 1) {
    const sign = field[at]
    if (quoted && sign === '\\') at += 1
    else if (sign === '"') quoted = !quoted
    if (at < field.length && (quoted || sign !== ',')) continue
    const member = field.slice(from, at).trim()
    if (member !== '') members.push(member)
    from = at + 1
  }
  return members
}

function unquoted(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text
  return text.slice(1, -1).replaceAll(/\\(.)/g, '$1')
}
