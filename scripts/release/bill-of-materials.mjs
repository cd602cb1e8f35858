/**
 * What the published package is made of, as a CycloneDX 1.6 document: the package, and what is bundled into
 * it. `npm sbom` would list what is installed here to work on it, none of which users get.
 */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** @typedef {{ name: string, version: string, license: string }} Part */

/** A line that the build writes over each licence: `preact@11.2.0 (MIT)`. */
const heading = /^((?:@[\w.-]+\/)?[\w.-]+)@(\d\S*) \((\S+)\)$/gm

/**
 * @param {string} root Of the checkout, built.
 * @param {Uint8Array} tarball
 * @returns {object} Without a time or a random number: made twice, it is the same.
 */
export function billOfMaterials(root, tarball) {
  const manifest = read(root, 'package.json')
  const { packages } = read(root, 'package-lock.json')
  const parts = bundledParts(root)
  const own = purl(manifest)
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'library',
        'bom-ref': own,
        ...{ name: manifest.name, version: manifest.version, purl: own },
        description: manifest.description,
        licenses: [{ license: { id: manifest.license } }],
        hashes: [{ alg: 'SHA-512', content: createHash('sha512').update(tarball).digest('hex') }],
        // Of the user's own choice and version, so not a part of it.
        properties: Object.entries(manifest.peerDependencies).map(([name, range]) => ({
          name: 'tiercel:optional-peer',
          value: `${name} ${range}`,
        })),
      },
    },
    components: parts.map((part) => ({
      type: 'library',
      'bom-ref': purl(part),
      ...{ name: part.name, version: part.version, purl: purl(part) },
      scope: 'required',
      licenses: [{ license: { id: part.license } }],
      hashes: [{ alg: 'SHA-512', content: digestOf(packages, part) }],
      properties: [{ name: 'tiercel:bundled-into', value: 'dist/dashboard/assets' }],
    })),
    dependencies: [
      { ref: own, dependsOn: parts.map(purl) },
      ...parts.map((part) => ({ ref: purl(part), dependsOn: [] })),
    ],
  }
}

/**
 * @param {string} root
 * @returns {Part[]}
 */
function bundledParts(root) {
  const text = readFileSync(join(root, 'dist/dashboard/third-party-licenses.txt'), 'utf8')
  const found = [...text.matchAll(heading)]
  if (found.length === 0)
    throw new Error('No part was found in the licences: the list sees nothing.')
  return found.map(([, name = '', version = '', license = '']) => ({ name, version, license }))
}

/**
 * As the registry has it, from the lock file.
 *
 * @param {Record<string, { version?: string, integrity?: string }>} packages
 * @param {Part} part
 */
function digestOf(packages, { name, version }) {
  const locked = Object.entries(packages).find(
    ([path, one]) => path.endsWith(`node_modules/${name}`) && one.version === version,
  )
  const integrity = locked?.[1].integrity ?? ''
  if (!integrity.startsWith('sha512-')) throw new Error(`${name}@${version} is not locked.`)
  return Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex')
}

/** @param {{ name: string, version: string }} part As https://github.com/package-url/purl-spec has it. */
function purl({ name, version }) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`
}

/**
 * @param {string} root
 * @param {string} file
 */
function read(root, file) {
  return JSON.parse(readFileSync(join(root, file), 'utf8'))
}
