/** The few icons there are, drawn with strokes in the colour of the text beside them. */

import type { JSX } from 'preact'

const paths = {
  overview: 'M3 12l5-5 4 4 8-8M3 20h18',
  patterns: 'M4 5h16M4 10h16M4 15h10M4 20h6',
  keys: 'M10.5 17a6.5 6.5 0 1 1 0-13 6.5 6.5 0 0 1 0 13zM21 21l-5.5-5.5',
  invalidations: 'M5 7h14M9 7V4h6v3M7 7l1 13h8l1-13',
  'write-behind': 'M4 6h10M4 12h16M4 18h7M17 15l3 3-3 3M20 18h-7',
  freshness: 'M20 12a8 8 0 1 1-2.5-5.8M20 3v4h-4',
  instances: 'M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z',
  'log-out': 'M14 8V5H5v14h9v-3M10 12h10M17 9l3 3-3 3',
  switches: 'M8 7h8a4 4 0 0 1 0 8H8a4 4 0 0 1 0-8zM8 11h.01',
} as const

export function Icon(props: { readonly name: keyof typeof paths }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[props.name]} />
    </svg>
  )
}
