/**
 * Does something again and again while somebody looks at the page: a tab in the background asks for nothing.
 * The next time is counted from the end of this one, so that a slow shop is not asked more than it answers.
 *
 * @param {number} ms
 * @param {() => Promise<void>} act Its errors are its own.
 */
export function every(ms, act) {
  const go = async () => {
    if (document.visibilityState === 'visible') await act()
    setTimeout(go, ms)
  }
  setTimeout(go, ms)
}
