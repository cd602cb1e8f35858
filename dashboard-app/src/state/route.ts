/** Which view is open, from the fragment of the address: no server has to know of views. */

import { useEffect, useState } from 'preact/hooks'

export const viewNames = [
  'overview',
  'patterns',
  'keys',
  'invalidations',
  'write-behind',
  'freshness',
  'instances',
  'switches',
] as const
export type ViewName = (typeof viewNames)[number]

export const viewTitles: Readonly<Record<ViewName, string>> = {
  overview: 'Overview',
  patterns: 'Patterns',
  keys: 'Key inspector',
  invalidations: 'Invalidations',
  'write-behind': 'Write-behind',
  freshness: 'Freshness',
  instances: 'Instances',
  switches: 'Switches',
}

export interface Route {
  readonly view: ViewName
  readonly query: URLSearchParams
}

/** An address that names no view is the overview's. */
function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const view = viewNames.find((name) => name === path) ?? 'overview'
  return { view, query: new URLSearchParams(query) }
}

export function addressOf(view: ViewName, query: Readonly<Record<string, string>> = {}): string {
  const text = new URLSearchParams(query).toString()
  return `#/${view}${text === '' ? '' : `?${text}`}`
}

export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    let last = location.hash
    const follow = () => {
      // A fragment that names a place in the page, as of the skip link, is no other view.
      if (location.hash !== '' && !location.hash.startsWith('#/')) {
        history.replaceState(null, '', last === '' ? location.pathname : last)
        return
      }
      last = location.hash
      setHash(last)
    }
    addEventListener('hashchange', follow)
    return () => removeEventListener('hashchange', follow)
  }, [])
  return readRoute(hash)
}
