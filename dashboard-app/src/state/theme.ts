/** Dark or light: as the system says, unless somebody has chosen here. */

import { useLayoutEffect, useState } from 'preact/hooks'

export type Theme = 'system' | 'light' | 'dark'
const place = 'tiercel-theme'

export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(remembered)
  useLayoutEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
    remember(theme)
    // Charts are painted with colours that they have read; they have to read them again.
    dispatchEvent(new Event('themechange'))
  }, [theme])
  const next = { system: 'light', light: 'dark', dark: 'system' } as const
  return [theme, () => setTheme((before) => next[before])]
}

function remembered(): Theme {
  try {
    const found = localStorage.getItem(place)
    return found === 'light' || found === 'dark' ? found : 'system'
  } catch {
    // Storage may be switched off; a choice then lasts as long as the page.
    return 'system'
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(place, theme)
  } catch {}
}
