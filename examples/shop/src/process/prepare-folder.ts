import { access, constants, mkdir } from 'node:fs/promises'
import type { ShopConfig } from './read-config.ts'
import { StartError } from './start-error.ts'

/**
 * Makes sure that the data folder is there and can be written to.
 *
 * @throws StartError
 */
export async function prepareFolder({ dataDir }: ShopConfig): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true })
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new StartError(reason(dataDir, error), { cause: error })
  }
}

function reason(dataDir: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return `DATA_DIR ${dataDir} is a file or lies below one. Name another folder.`
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `DATA_DIR ${dataDir} cannot be written to. Give this user the right to, or name another folder.`
    default:
      return `DATA_DIR ${dataDir} cannot be used: ${error instanceof Error ? error.message : error}`
  }
}
