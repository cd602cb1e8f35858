/** Finds the route of a path; and what there is where the method does not fit. */

import type { Route } from './route.ts'

export interface FoundRoute {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

export type RouteSearch =
  | ({ readonly kind: 'found' } & FoundRoute)
  | { readonly kind: 'other-method'; readonly methods: readonly string[] }
  | { readonly kind: 'nothing' }

/** `path`: below the prefix of the API, as it came. */
export function findRoute(routes: readonly Route[], method: string, path: string): RouteSearch {
  const parts = decoded(path)
  if (parts === undefined) return { kind: 'nothing' }
  const here = routes.flatMap((route) => {
    const params = paramsOf(route.path.split('/'), parts)
    return params === undefined ? [] : [{ route, params }]
  })
  const [found] = here.filter(({ route }) => route.method === method)
  if (found !== undefined) return { kind: 'found', ...found }
  if (here.length === 0) return { kind: 'nothing' }
  return { kind: 'other-method', methods: here.map(({ route }) => route.method) }
}

/** Decoded part by part, so that an escaped slash stays within its part. */
function decoded(path: string): readonly string[] | undefined {
  try {
    return path.split('/').map((part) => decodeURIComponent(part))
  } catch {
    return undefined
  }
}

function paramsOf(
  pattern: readonly string[],
  parts: readonly string[],
): Readonly<Record<string, string>> | undefined {
  if (pattern.length !== parts.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, name] of pattern.entries()) {
    const part = parts[index] ?? ''
    if (!name.startsWith(':')) {
      if (name !== part) return undefined
    } else if (part === '') {
      return undefined
    } else {
      params[name.slice(1)] = part
    }
  }
  return params
}
