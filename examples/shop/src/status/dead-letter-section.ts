/** The part of the status page where dead letters are looked at, queued again and dropped. */

import type { ShopDeadLetter } from '../operations/dead-letters.ts'
import { text } from '../server/as-html.ts'

/** Nothing where there are none. `letters` are some of them. */
export function deadLetterSection(total: number, letters: readonly ShopDeadLetter[]): string {
  if (letters.length === 0) return ''
  const more = total > letters.length ? `<p>These are ${letters.length} of ${total}.</p>` : ''
  return `<section>
<h2>Dead letters</h2>
<p>The source refused these changes for good, and readers see what it has instead. Mend the cause, then retry.</p>
<div class="wide"><table>
<thead><tr><th scope="col">Product</th><th scope="col" class="words">Error</th><th scope="col">Tries</th><th scope="col">Since</th><th scope="col"></th></tr></thead>
<tbody>${letters.map(row).join('')}</tbody>
</table></div>
${more}${button('/dead-letters/retry', 'Retry all')}
</section>
`
}

function row({ key, error, attempts, diedAt }: ShopDeadLetter): string {
  const since = new Date(diedAt).toISOString()
  const address = `/dead-letters/${key}`
  return `<tr><th scope="row"><a href="/products/${key}">${key}</a></th><td class="words">${text(error)}</td><td>${attempts}</td><td><time datetime="${since}">${since.slice(0, 19).replace('T', ' ')}</time></td><td class="buttons">${button(`${address}/retry`, 'Retry')}${button(`${address}/drop`, 'Drop')}</td></tr>`
}

function button(action: string, label: string): string {
  return `<form method="post" action="${action}"><button>${label}</button></form>`
}
