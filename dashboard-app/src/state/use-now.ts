/** The time, told again and again, for words like `12 s ago`. */

import { useEffect, useState } from 'preact/hooks'

/** Milliseconds of `performance.now`, at least every `everyMs` while the page is seen. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => performance.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
