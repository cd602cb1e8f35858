/**
 * A file system whose power can be cut: ext4 in a file, on a loop device. After a cut it holds what was
 * synced before, and nothing else.
 *
 * Needs root, loop devices, `mkfs.ext4`, and `python3` for one system call that Node has no way to.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEGABYTES = 192
/** `EXT4_IOC_SHUTDOWN`, without writing the journal of the file system before (`fs/ext4/ext4.h`). */
const CUT = `
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))`

export class PowerFileSystem implements Disposable {
  readonly path: string
  readonly #base = mkdtempSync(join(tmpdir(), 'power-'))
  readonly #image: string
  #isMounted = false

  /** @throws Error that says what is missing here. */
  constructor() {
    this.path = join(this.#base, 'mounted')
    // In memory where there is room: what is cut here is the file system above it.
    const folder = existsSync('/dev/shm') ? mkdtempSync('/dev/shm/power-') : this.#base
    this.#image = join(folder, 'image')
    try {
      mkdirSync(this.path)
      command('truncate', '-s', `${MEGABYTES}M`, this.#image)
      command('mkfs.ext4', '-q', '-F', this.#image)
      this.#mount()
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  /** From now on nothing reaches it any more; what was not synced is gone. */
  cut(): void {
    command('python3', '-c', CUT, this.path)
  }

  /** Nobody may have a file of it open. */
  remount(): void {
    command('umount', this.path)
    this.#isMounted = false
    this.#mount()
  }

  [Symbol.dispose](): void {
    if (this.#isMounted) command('umount', '-l', this.path)
    this.#isMounted = false
    rmSync(join(this.#image, '..'), { recursive: true, force: true })
    rmSync(this.#base, { recursive: true, force: true })
  }

  #mount(): void {
    command('mount', '-o', 'loop', this.#image, this.path)
    this.#isMounted = true
  }
}

/** Why power cannot be cut here; `undefined`: it can. */
export function whyNoPowerCuts(): string | undefined {
  if (process.getuid?.() !== 0) return 'that takes root'
  try {
    using trial = new PowerFileSystem()
    trial.cut()
    trial.remount()
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

function command(program: string, ...args: readonly string[]): void {
  const env = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/sbin` }
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env })
  if (error !== undefined) throw new Error(`${program} is missing here`)
  if (status !== 0) throw new Error(`${program} failed here: ${stderr.trim()}`)
}
