/** Numbers as arguments of scripts. */
export const scriptNumber: {
  /** `inf` for no end. */
  span(ms: number): string
  /** A life for PX: whole milliseconds, at least 1. */
  life(ms: number): string
} = {
  span: (ms) => (ms === Number.POSITIVE_INFINITY ? 'inf' : String(ms)),
  life: (ms) => String(Math.max(1, Math.ceil(ms))),
}
