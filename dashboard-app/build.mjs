/**
 * Builds the pages of the dashboard into the folder that is named, in a fraction of a second.
 *
 * Called by `scripts/bootstrap/build.mjs`, as part of every build of the package. Names carry a digest of
 * what they hold, so that a browser may keep them for ever; `index.html` alone is asked for anew.
 */

import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const here = fileURLToPath(new URL('.', import.meta.url))
const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('Usage: node dashboard-app/build.mjs <folder>')

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { app: 'src/main.tsx' },
  entryNames: '[name]-[hash]',
  outdir: folder,
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022', 'chrome109', 'firefox115', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  metafile: true,
  legalComments: 'eof',
  logLevel: 'warning',
})

const outputs = Object.keys(metafile.outputs).map((path) => basename(path))
const page = readFileSync(join(here, 'static', 'index.html'), 'utf8')
  .replace('{{script}}', named('.js'))
  .replace('{{style}}', named('.css'))
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'index.html'), page)
writeFileSync(join(folder, 'favicon.svg'), readFileSync(join(here, 'static', 'favicon.svg')))
// Beside the assets, not among them: it goes with the package, and is served to nobody.
writeFileSync(join(folder, '..', 'third-party-licenses.txt'), licences())

/** @param {string} ending */
function named(ending) {
  const found = outputs.find((name) => name.endsWith(ending))
  if (found === undefined) throw new Error(`The build has made no ${ending} file.`)
  return found
}

/**
 * What the script is made of that is not ours, each under a line `name@version (licence)`. Minified code has
 * lost the notices that its licences ask for; the list of parts of a release is made of these lines, too.
 */
function licences() {
  const folders = Object.keys(metafile.inputs).flatMap(
    (path) => /^.*\/?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? [],
  )
  return [...new Set(folders)]
    .sort()
    .map((path) => {
      const place = join(here, path)
      const { name, version, license } = JSON.parse(
        readFileSync(join(place, 'package.json'), 'utf8'),
      )
      const file = readdirSync(place).find((entry) => /^licen[cs]e/i.test(entry))
      if (file === undefined) throw new Error(`${name} has no licence to go with what is built.`)
      return `${name}@${version} (${license})\n\n${readFileSync(join(place, file), 'utf8').trim()}\n`
    })
    .join('\n\n')
}
