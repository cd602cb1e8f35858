/** What came before the page was opened: asked for once, and only while nothing was pushed yet. */

import { useEffect } from 'preact/hooks'
import { readApi } from '../api/call-api.ts'
import { nowShown, type Shown, show } from './shown.ts'

type List = 'invalidations' | 'warmings' | 'audits'

/** `linesOf` has to be the same function each time. */
export function useEarlier<L extends List, A>(
  list: L,
  path: string,
  linesOf: (answer: A) => Shown[L],
): void {
  useEffect(() => {
    if (nowShown()[list].length > 0) return
    const ended = new AbortController()
    readApi<A>(path, ended.signal)
      .then((answer) => {
        if (nowShown()[list].length === 0) show({ [list]: linesOf(answer) } as Partial<Shown>)
      })
      // The stream brings what comes from now on, whatever became of this.
      .catch(() => {})
    return () => ended.abort()
  }, [list, path, linesOf])
}
