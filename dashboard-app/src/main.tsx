/** The page: logs in, opens the live stream, and draws the view that the address names. */

import 'uplot/dist/uPlot.min.css'
import './style/tokens.css'
import './style/shell.css'
import './style/parts.css'
import './style/states.css'
import './style/charts.css'
import './style/forms.css'
import './style/tables.css'
import './style/narrow.css'
import { type JSX, render } from 'preact'
import { useEffect } from 'preact/hooks'
import { followLive } from './api/live-stream.ts'
import { beginSession } from './api/session.ts'
import { Shell } from './parts/shell.tsx'
import { useRoute, type ViewName } from './state/route.ts'
import { useShown } from './state/shown.ts'
import { FreshnessView } from './views/freshness.tsx'
import { InstancesView } from './views/instances.tsx'
import { InvalidationsView } from './views/invalidations.tsx'
import { KeysView } from './views/keys.tsx'
import { LoginView } from './views/login.tsx'
import { OverviewView } from './views/overview.tsx'
import { PatternsView } from './views/patterns.tsx'
import { SwitchesView } from './views/switches.tsx'
import { WriteBehindView } from './views/write-behind.tsx'

const views: Readonly<Record<ViewName, (props: { query: URLSearchParams }) => JSX.Element>> = {
  overview: OverviewView,
  patterns: PatternsView,
  keys: KeysView,
  invalidations: InvalidationsView,
  'write-behind': WriteBehindView,
  freshness: FreshnessView,
  instances: InstancesView,
  switches: SwitchesView,
}

function App(): JSX.Element {
  const { view, query } = useRoute()
  const { session } = useShown()
  useEffect(() => {
    if (session !== 'open') return
    const ended = new AbortController()
    followLive(ended.signal)
    return () => ended.abort()
  }, [session])
  if (session === 'unknown') return <p class="boot">Opening the session …</p>
  if (session === 'closed') return <LoginView />
  const View = views[view]
  return (
    <Shell view={view}>
      <View key={view} query={query} />
    </Shell>
  )
}

const place = document.querySelector('#app')
if (place === null) throw new Error('The page has no place for the dashboard.')
place.textContent = ''
render(<App />, place)
beginSession().catch(() => {})
