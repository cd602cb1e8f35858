/** The API for people: a page without a script, made of the same routes. */

import { API_PATH } from './open-api.ts'
import type { Route } from './route.ts'
import type { Schema } from './schema.ts'

export function docsPage(routes: readonly Route[], base: string): string {
  const prefix = `${base}${API_PATH}`
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tiercel admin API</title>
<link rel="stylesheet" href="${prefix}docs.css">
</head>
<body>
<main>
<h1>Tiercel admin API</h1>
<p>Send <code>Authorization: Bearer …</code>, and JSON with every POST. Problems are answered as
<code>{ "error": { "code", "message", "field" } }</code>. The same for programs:
<a href="${prefix}openapi.json">openapi.json</a>.</p>
${routes.map((route) => section(route, prefix)).join('\n')}
</main>
</body>
</html>
`
}

function section(route: Route, prefix: string): string {
  const { method, path, role, summary, params, query, body } = route
  const right = role === 'none' ? 'no right' : `right to ${role}`
  return `<section>
<h2><code>${method} ${escaped(`${prefix}${path}`)}</code></h2>
<p>${inWords(summary)}. Needs ${right}.</p>
${table({ ...params, ...query?.properties, ...body?.properties })}
</section>`
}

function table(members: Readonly<Record<string, Schema>>): string {
  const rows = Object.entries(members)
  if (rows.length === 0) return ''
  return `<table>
<tr><th scope="col">name</th><th scope="col">type</th><th scope="col"></th></tr>
${rows.map(([name, schema]) => row(name, schema)).join('\n')}
</table>`
}

function row(name: string, schema: Schema): string {
  const kind = schema.enum?.map((word) => JSON.stringify(word)).join(', ') ?? schema.type ?? ''
  return `<tr><td><code>${escaped(name)}</code></td><td>${escaped(kind)}</td><td>${inWords(schema.description ?? '')}</td></tr>`
}

/** What stands in backticks is code. */
function inWords(words: string): string {
  return escaped(words).replaceAll(/`([^`]+)`/g, '<code>$1</code>')
}

function escaped(words: string): string {
  return words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

export const DOCS_STYLE = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 56rem; margin: 0 auto; padding: 1rem; }
h2 { font-size: 1rem; margin: 2rem 0 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: start; vertical-align: top; padding: 0.2rem 0.8rem 0.2rem 0; }
`
