/** What is held, how full it is, and how this process stands to the others. */

import type { JSX } from 'preact'
import type { MetricsSnapshot } from 'tiercel'
import { Badge } from '../../parts/badge.tsx'
import { Fact } from '../../parts/field.tsx'
import { Meter } from '../../parts/meter.tsx'
import { Panel } from '../../parts/panel.tsx'
import { asBytes, asCount, asExact, asMs, asPercent, asRate, asSpan } from '../../words/figures.ts'

export function CapacityPanel({ stats }: { readonly stats: MetricsSnapshot }): JSX.Element {
  const { memory, shared, audit, invalidations } = stats
  return (
    <Panel title="Capacity and coherence">
      <dl class="facts">
        <Fact name="Memory">
          {asCount(memory.entries)} entries{memory.bytes > 0 ? `, ${asBytes(memory.bytes)}` : ''}
          <Meter name="Memory tier" share={memory.filled} />
        </Fact>
        <Fact name="Shared tier">
          {shared === null ? (
            <span class="muted">none, or it does not answer</span>
          ) : (
            <>
              {asCount(shared.entries)} entries, {asBytes(shared.bytes)}
              <Meter
                name="Shared tier"
                share={shared.maxBytes === null ? null : shared.bytes / shared.maxBytes}
              />
            </>
          )}
        </Fact>
        <Fact name="Changes of others">
          <Followed stats={stats} />
        </Fact>
        <Fact name="Invalidations">
          {asRate(invalidations.perSecond)}/s, {asCount(invalidations.total)} in all
          {invalidations.pending > 0 ? `, ${asExact(invalidations.pending)} pending` : ''}
          <span class="muted small">
            {' '}
            told in {asMs(invalidations.p50Ms)} (p50), {asMs(invalidations.p99Ms)} (p99)
          </span>
        </Fact>
        <Fact name="Breakers">
          <Breakers stats={stats} />
        </Fact>
        <Fact name="Audit">
          {audit === null ? (
            <span class="muted">no copy was compared yet</span>
          ) : (
            <>
              {audit.nines.toFixed(1)} nines: {asExact(audit.stale)} of {asCount(audit.sampled)}{' '}
              copies were stale
            </>
          )}
        </Fact>
        <Fact name="Compression">
          <Compression stats={stats} />
        </Fact>
      </dl>
    </Panel>
  )
}

function Followed({ stats: { coherence } }: { readonly stats: MetricsSnapshot }): JSX.Element {
  if (coherence === null) return <span class="muted">nothing is shared</span>
  const isWhole = coherence.connected === coherence.shards
  return (
    <>
      <Badge tone={isWhole ? 'good' : 'bad'}>
        {isWhole ? 'followed' : `${coherence.connected} of ${coherence.shards} shards followed`}
      </Badge>{' '}
      <span class="muted small">
        {asCount(coherence.hints)} hints, {asCount(coherence.gaps)} gaps closed
        {coherence.blindMs === null ? '' : `, blind for ${asSpan(coherence.blindMs)} last`}
        {coherence.delayP99Ms === null
          ? ''
          : `, changes known within ${asMs(coherence.delayP99Ms)} (p99)`}
      </span>
    </>
  )
}

function Breakers({ stats: { breakers } }: { readonly stats: MetricsSnapshot }): JSX.Element {
  const open = breakers.filter(({ state }) => state !== 'closed')
  if (open.length === 0) return <Badge tone="good">closed</Badge>
  return (
    <>
      {open.map(({ tier, pattern, state }) => (
        <Badge key={`${tier} ${pattern}`} tone={state === 'open' ? 'bad' : 'warn'}>
          {`${tier === 'shared' ? 'shared tier' : `source of ${pattern}`}: ${state}`}
        </Badge>
      ))}
    </>
  )
}

function Compression({ stats: { total } }: { readonly stats: MetricsSnapshot }): JSX.Element {
  const { bytesBefore, bytesAfter } = total.compression
  if (bytesBefore === 0) return <span class="muted">nothing was compressed</span>
  return (
    <>
      {asBytes(bytesBefore)} to {asBytes(bytesAfter)}, {asPercent(1 - bytesAfter / bytesBefore)}{' '}
      saved
    </>
  )
}
