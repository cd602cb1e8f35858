/**
 * The API reference, made of the docstrings of what each door of the package exports: one page a door.
 *
 * TypeDoc needs a TypeScript with an API in JavaScript, which TypeScript 7 does not have; that is why it
 * lives in a workspace of its own, with a TypeScript 5 beside it. Called by `main.mjs`.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Application, TSConfigReader } from 'typedoc'
import { load } from 'typedoc-plugin-markdown'

/**
 * Writes the pages into a folder.
 *
 * @param {string} root Of the repository.
 * @param {string} folder
 * @returns {Promise<void>}
 * @throws Error if a docstring links to what is not there, or cannot be read.
 */
export async function writeReference(root, folder) {
  const doors = doorsOf(root)
  const app = await Application.bootstrapWithPlugins(
    /** @type {any} */ ({
      entryPoints: [...doors.keys()].map((file) => join(root, file)),
      tsconfig: join(root, 'tsconfig.json'),
      basePath: root,
      name: 'API reference',
      plugin: [load],
      useHTMLAnchors: true,
      readme: 'none',
      disableSources: true,
      excludeExternals: true,
      excludePrivate: true,
      // The sources are checked by the project's own TypeScript.
      skipErrorChecking: true,
      cleanOutputDir: false,
      treatWarningsAsErrors: true,
      // Shapes that users hand over, and never name, are described where they are used.
      validation: { notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true },
      logLevel: 'Warn',
      groupOrder: ['Functions', 'Interfaces', 'Classes', 'Type Aliases', 'Variables'],
      outputFileStrategy: 'modules',
      hidePageHeader: true,
      hideBreadcrumbs: true,
      parametersFormat: 'table',
      interfacePropertiesFormat: 'table',
      propertyMembersFormat: 'table',
      typeDeclarationFormat: 'table',
      classPropertiesFormat: 'table',
    }),
    [new TSConfigReader()],
  )
  const project = await app.convert()
  if (project === undefined) throw new Error('TypeDoc could not read the sources.')
  for (const page of project.children ?? []) page.name = pageOf(page.name)
  app.validate(project)
  await app.outputs.writeOutput({ name: 'markdown', path: folder }, project)
  writeFileSync(join(folder, 'README.md'), indexOf(doors))
  for (const [file, door] of doors) nameDoor(join(folder, `${pageOf(moduleOf(file))}.md`), door)
  if (app.logger.hasErrors() || app.logger.hasWarnings()) {
    throw new Error('Mend what is named above.')
  }
}

/**
 * The door of each file, by its path: `tiercel/redis` for `src/redis/index.ts`.
 *
 * @param {string} root
 * @returns {ReadonlyMap<string, string>}
 */
function doorsOf(root) {
  /** @type {{ exports: Record<string, string | { types: string }> }} */
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return new Map(
    Object.entries(exports).flatMap(([door, target]) =>
      typeof target === 'string' ? [] : [[sourceOf(target.types), door.replace(/^\./, 'tiercel')]],
    ),
  )
}

/** `redis` for `src/redis`. @param {string} name As TypeDoc calls a module. */
function pageOf(name) {
  return name === 'src' ? 'tiercel' : name.replace('src/', '')
}

/** `src/redis` for `src/redis/index.ts`. @param {string} file */
function moduleOf(file) {
  return file.replace('/index.ts', '')
}

/**
 * Heads a page with what one imports.
 *
 * @param {string} page
 * @param {string} door
 */
function nameDoor(page, door) {
  const text = readFileSync(page, 'utf8')
  writeFileSync(page, text.replace(/^# .*/, `# ${door}`))
}

/** @param {ReadonlyMap<string, string>} doors */
function indexOf(doors) {
  const links = [...doors].map(([file, door]) => `- [\`${door}\`](${pageOf(moduleOf(file))}.md)`)
  return [
    '# API reference',
    '',
    'What each door of the package exports, made of its docstrings by `npm run api`. Begin with',
    '[createCache](tiercel.md#createcache), [Cache](tiercel.md#cache) and [CollectionOptions](tiercel.md#collectionoptions);',
    'what the words mean is in [the glossary](../glossary.md), what is promised in [concepts](../README.md#concepts).',
    '',
    ...links,
    '',
  ].join('\n')
}

/** @param {string} types As `./dist/redis/index.d.ts`. */
function sourceOf(types) {
  return types.replace('./dist/', 'src/').replace('.d.ts', '.ts')
}
