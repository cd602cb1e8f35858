/** When what was broken, as the one who broke it knows. */

import { monotonicMs } from './monotonic-ms.ts'

export interface Fault {
  readonly kind: string
  readonly from: number
  /** `Infinity`: it lasts. */
  to: number
  /** Which workers, how long, how much. */
  detail: string
}

interface Span {
  readonly from: number
  to: number
}

type Phase = 'faultless' | 'calm'

export class Timeline {
  readonly faults: Fault[] = []
  readonly #broken = new Map<string, Span[]>()
  readonly #phases: (Span & { readonly phase: Phase })[] = []

  /** The way between these instances and the server is not well, until the answer is called. */
  break(instances: readonly string[]): () => void {
    const spans = instances.map((instance) => {
      const span: Span = { from: monotonicMs(), to: Number.POSITIVE_INFINITY }
      this.#of(instance).push(span)
      return span
    })
    return () => {
      for (const span of spans) span.to = monotonicMs()
    }
  }

  /** Known afterwards. */
  wasBroken(instance: string, span: Readonly<Span>): void {
    this.#of(instance).push({ ...span })
  }

  isBroken(instance: string, from: number, to: number): boolean {
    return this.#of(instance).some((span) => span.from <= to && span.to >= from)
  }

  begin(kind: string): Fault {
    const fault = { kind, from: monotonicMs(), to: Number.POSITIVE_INFINITY, detail: '' }
    this.faults.push(fault)
    return fault
  }

  /** Reads count for the hit rate of the phase, until the answer is called. */
  enter(phase: Phase): () => void {
    const span = { from: monotonicMs(), to: Number.POSITIVE_INFINITY, phase }
    this.#phases.push(span)
    return () => {
      span.to = monotonicMs()
    }
  }

  phaseAt(moment: number): Phase | undefined {
    return this.#phases.findLast(({ from, to }) => from <= moment && moment <= to)?.phase
  }

  #of(instance: string): Span[] {
    const spans = this.#broken.get(instance) ?? []
    this.#broken.set(instance, spans)
    return spans
  }
}
