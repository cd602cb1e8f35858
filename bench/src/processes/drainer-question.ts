/** What the second instance of a service that writes behind is asked. Both sides of the channel read it. */

export interface DrainerQuestion {
  /** `drained`: what it has drained so far. `settle`: answered when nothing waits any more. */
  readonly ask: 'drained' | 'settle'
}
