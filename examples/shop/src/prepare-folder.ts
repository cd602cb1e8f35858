import { access, constants, mkdir, stat } from 'node:fs/promises'
import type { ShopConfig } from './read-config.ts'
import { StartError } from './start-error.ts'

/**
 * Makes sure that the data folder can be written to. Only the shop's own default folder is made:
 * a folder that somebody named and that is missing is more often a typing error than a wish.
 *
 * @throws StartError
 */
export async function prepareFolder(config: ShopConfig): Promise<void> {
  const { dataDir, ownDataDir } = config
  try {
    if (ownDataDir) await mkdir(dataDir, { recursive: true })
    const found = await stat(dataDir)
    if (!found.isDirectory()) throw new StartError(`DATA_DIR ${dataDir} is a file, not a folder.`)
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(reason(dataDir, error), { cause: error })
  }
}

function reason(dataDir: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'ENOENT':
      return `DATA_DIR ${dataDir} does not exist. Create the folder, or name another one.`
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `DATA_DIR ${dataDir} cannot be written to. Give this user the right to, or name another folder.`
    default:
      return `DATA_DIR ${dataDir} cannot be used: ${error instanceof Error ? error.message : error}`
  }
}
