/** What stands round every view: whose cache it is, whether it is live, and the way to the others. */

import type { ComponentChildren, JSX } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { closeSession } from '../api/session.ts'
import { addressOf, type ViewName, viewNames, viewTitles } from '../state/route.ts'
import { useShown } from '../state/shown.ts'
import { useTheme } from '../state/theme.ts'
import { Badge, toneOfHealth } from './badge.tsx'
import { ConnectionNote, OldDataBanner } from './connection-note.tsx'
import { Icon } from './icon.tsx'
import { ShortcutCard, useShortcuts } from './shortcuts.tsx'

export function Shell(props: {
  readonly view: ViewName
  readonly children: ComponentChildren
}): JSX.Element {
  const [theme, nextTheme] = useTheme()
  const [isHelpOpen, setHelpOpen] = useState(false)
  useShortcuts({ nextTheme, showHelp: () => setHelpOpen(true) })
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the figures
      </a>
      <header class="top">
        <Brand />
        <ConnectionNote />
        <div class="top-actions">
          <button type="button" onClick={nextTheme} aria-label={`Theme: ${theme}. Change it`}>
            {{ system: '◐', light: '☀', dark: '☾' }[theme]}
          </button>
          <button
            type="button"
            class="keyboard"
            onClick={() => setHelpOpen(true)}
            aria-label="Keyboard shortcuts"
          >
            ?
          </button>
          <button type="button" onClick={() => void closeSession()} aria-label="Log out">
            <Icon name="log-out" />
          </button>
        </div>
      </header>
      <Views open={props.view} />
      <main id="main" tabIndex={-1}>
        <OldDataBanner />
        <Title view={props.view} />
        {props.children}
      </main>
      {isHelpOpen ? <ShortcutCard close={() => setHelpOpen(false)} /> : null}
    </div>
  )
}

function Brand(): JSX.Element {
  const { stats, role } = useShown()
  return (
    <div class="brand">
      <span class="brand-name">Tiercel</span>
      {stats === undefined ? null : (
        <>
          <span class="brand-cache">{stats.cache}</span>
          <Badge tone={toneOfHealth[stats.health.state]}>{stats.health.state}</Badge>
          <span class="brand-instance muted" title="The instance that serves this page">
            {stats.instance}
          </span>
          {role === 'read' ? <Badge tone="plain">may only look</Badge> : null}
        </>
      )}
    </div>
  )
}

function Views(props: { readonly open: ViewName }): JSX.Element {
  const list = useRef<HTMLElement>(null)
  // On a phone the row of views is wider than the screen. `scrollIntoView` would have the next Tab begin
  // there, past the link that skips the views.
  useEffect(() => {
    const open = list.current?.querySelector('[aria-current]')
    if (list.current === null || open === null || open === undefined) return
    const [row, link] = [list.current.getBoundingClientRect(), open.getBoundingClientRect()]
    list.current.scrollLeft += link.left + link.width / 2 - (row.left + row.width / 2)
  }, [props.open])
  return (
    <nav class="views" aria-label="Views" ref={list}>
      {viewNames.map((name, index) => {
        const isOpen = name === props.open
        return (
          <a key={name} href={addressOf(name)} aria-current={isOpen ? 'page' : undefined}>
            <Icon name={name} />
            <span class="view-name">{viewTitles[name]}</span>
            <span class="view-key" aria-hidden="true">
              {index + 1}
            </span>
          </a>
        )
      })}
    </nav>
  )
}

/**
 * Gets the focus when another view is opened, so that a screen reader says where one is: before the view is
 * seen, or it would take the focus from whoever has begun to type there.
 */
function Title({ view }: { readonly view: ViewName }): JSX.Element {
  const heading = useRef<HTMLHeadingElement>(null)
  const before = useRef(view)
  const { stats } = useShown()
  useLayoutEffect(() => {
    document.title = `${viewTitles[view]} · ${stats?.cache ?? 'Tiercel'}`
    if (before.current !== view) heading.current?.focus({ preventScroll: true })
    if (before.current !== view) scrollTo(0, 0)
    before.current = view
  }, [view, stats?.cache])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {viewTitles[view]}
    </h1>
  )
}
