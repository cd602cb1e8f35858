/** One pattern with all that is counted of it: where its misses come from, and where its time goes. */

import type { JSX } from 'preact'
import type { PatternMetrics } from 'tiercel'
import type { PatternLine } from '../../api/wire.ts'
import { Fact } from '../../parts/field.tsx'
import { Waiting } from '../../parts/notice.tsx'
import { Panel } from '../../parts/panel.tsx'
import { SmallTable } from '../../parts/small-table.tsx'
import { addressOf } from '../../state/route.ts'
import { usePolled } from '../../state/use-polled.ts'
import { asBytes, asCount, asExact, asPercent } from '../../words/figures.ts'
import { LatencyPanel } from '../overview/latency-panel.tsx'

type Detail = PatternLine & { readonly metrics: PatternMetrics }

export function PatternDetail({ pattern }: { readonly pattern: string }): JSX.Element {
  const detail = usePolled<Detail>(`patterns/${encodeURIComponent(pattern)}`, 5_000)
  const metrics = detail.value?.metrics
  return (
    <div class="stack">
      <p>
        <a href={addressOf('patterns')}>All patterns</a>
      </p>
      <Waiting what="the pattern" polled={detail} />
      {metrics === undefined ? null : (
        <div class="columns">
          <Counts metrics={metrics} />
          <LatencyPanel metrics={metrics} />
          <Removals metrics={metrics} />
        </div>
      )}
    </div>
  )
}

function Counts({ metrics }: { readonly metrics: PatternMetrics }): JSX.Element {
  const { loads, writes, memory, shared, verdict, compression } = metrics
  return (
    <Panel title={metrics.pattern}>
      <dl class="facts">
        <Fact name="Hit rate">
          {asPercent(metrics.hitRate)} of {asExact(metrics.hits + metrics.misses)} reads; good from{' '}
          {asPercent(verdict.range.good)}
        </Fact>
        <Fact name="Memory">
          {asCount(memory.hits)} hits, {asCount(memory.misses)} misses
        </Fact>
        <Fact name="Shared tier">
          {asCount(shared.hits)} hits, {asCount(shared.misses)} misses, {asCount(shared.errors)}{' '}
          errors
        </Fact>
        <Fact name="Loads">
          {asCount(loads.loaded)} loaded, {asCount(loads.absent)} found nothing,{' '}
          {asCount(loads.failed)} failed, {asCount(loads.fenced)} overtaken
        </Fact>
        <Fact name="Ahead of readers">
          {asCount(loads.ahead)} refreshed ahead, {asCount(loads.refresh)} by call,{' '}
          {asCount(loads.warming)} warmed
        </Fact>
        <Fact name="Stale served">{asCount(metrics.stale)}</Fact>
        <Fact name="Writes">
          {asCount(writes.set)} set, {asCount(writes.create)} created, {asCount(writes.put)} put,{' '}
          {asCount(writes.remove)} removed, {asCount(writes.failed)} failed
        </Fact>
        <Fact name="Invalidations">{asCount(metrics.invalidations)}</Fact>
        <Fact name="Could not be read">{asCount(metrics.undecodable)}</Fact>
        {compression.bytesBefore === 0 ? null : (
          <Fact name="Compression">
            {asBytes(compression.bytesBefore)} to {asBytes(compression.bytesAfter)}
          </Fact>
        )}
      </dl>
    </Panel>
  )
}

/** An entry that leaves before it is read again was loaded for nothing: this says why it left. */
function Removals({ metrics: { removals } }: { readonly metrics: PatternMetrics }): JSX.Element {
  const causes = Object.keys(removals.memory) as (keyof typeof removals.memory)[]
  return (
    <Panel title="Why entries left">
      <SmallTable
        name="Removals by cause"
        heads={['Cause', 'Memory', 'Shared tier']}
        rows={causes.map((cause) => [
          cause,
          asCount(removals.memory[cause]),
          asCount(removals.shared[cause]),
        ])}
      />
    </Panel>
  )
}
