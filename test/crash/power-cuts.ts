/** Power cuts of what keeps the writes. */

export interface PowerOutcome {
  readonly text: string
  readonly isAsItMustBe: boolean
}

export interface PowerPlan {
  readonly cuts: number
  readonly on: 'redis' | 'sqlite' | 'both'
  readonly seed: number
  readonly progress: (line: string) => void
}

/** A text: why there were none. */
export async function cutPower({ cuts }: PowerPlan): Promise<readonly PowerOutcome[] | string> {
  if (cuts === 0) return 'Power was not cut: ask for it by --power N.'
  return 'Power was not cut.'
}
