/** The bytes of a trace file as they were before compression. Called by `read-trace.ts`. */

import { spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { UsageError } from '../usage-error.ts'

/**
 * Reads `path`, decompressing by its ending: `.gz`, `.zst`, and `.xz` through the `xz` command.
 * Whoever stops early leaves nothing open behind.
 *
 * @throws UsageError if the file cannot be read or is broken, or if `xz` is missing.
 */
export async function* openBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    if (path.endsWith('.xz')) yield* throughXz(path)
    else yield* opened(path)
  } catch (error) {
    if (error instanceof UsageError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`Cannot read the trace ${path}: ${reason}`, { cause: error })
  }
}

function opened(path: string): Readable {
  const file = createReadStream(path)
  const transform = path.endsWith('.gz')
    ? createGunzip()
    : path.endsWith('.zst')
      ? createZstdDecompress()
      : undefined
  // An error of the file destroys the transform with it, so the loop that reads it sees the error.
  return transform === undefined ? file : pipeline(file, transform, () => undefined)
}

async function* throughXz(path: string): AsyncGenerator<Uint8Array> {
  const xz = spawn('xz', ['--decompress', '--stdout', '--', path], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaint = ''
  xz.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(0, 400)
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    xz.once('error', reject)
    xz.once('close', resolve)
  })
  // Awaited below; an early stop never gets there, and the end by a signal is no failure then.
  ended.catch(() => undefined)
  try {
    yield* xz.stdout
    const code = await ended.catch(missing)
    if (code !== 0) throw new UsageError(`Cannot read the trace ${path}: ${complaint.trim()}`)
  } finally {
    xz.kill()
  }
}

function missing(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ENOENT') throw error
  throw new UsageError(
    'Reading a .xz file needs the `xz` command (package xz-utils), which is not installed.',
  )
}
