/** What collections do with their entries, changed while they run; and who has changed what. */

import type { JSX } from 'preact'
import type { CollectionLine } from '../api/wire.ts'
import { Empty, Waiting } from '../parts/notice.tsx'
import { useShown } from '../state/shown.ts'
import { usePolled } from '../state/use-polled.ts'
import { AuditPanel } from './switches/audit-panel.tsx'
import { SwitchCard } from './switches/switch-card.tsx'

export function SwitchesView(): JSX.Element {
  const collections = usePolled<readonly CollectionLine[]>('collections', 5_000)
  const { stats } = useShown()
  const lines = collections.value ?? []
  return (
    <div class="stack">
      <Waiting what="collections" polled={collections} />
      {collections.value !== undefined && lines.length === 0 ? (
        <Empty title="No collection is declared">
          A collection can be switched once the service has declared it.
        </Empty>
      ) : null}
      <div class="cards">
        {lines.map((line) => (
          <SwitchCard
            key={line.name}
            line={line}
            shadow={stats?.patterns.find(({ pattern }) => pattern === line.pattern)?.shadow}
            changed={collections.reload}
          />
        ))}
      </div>
      <AuditPanel />
    </div>
  )
}
