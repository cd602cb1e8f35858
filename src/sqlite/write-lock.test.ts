import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { takeWriteLock } from './write-lock.ts'

/** Holds the lock of the file from when it says so until it is told to let go. */
const HOLDER = `
const { parentPort, workerData } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
const db = new DatabaseSync(workerData.path)
db.exec('BEGIN IMMEDIATE')
parentPort.postMessage('held')
Atomics.wait(new Int32Array(workerData.told), 0, 0, workerData.ms)
db.exec('COMMIT')
db.close()`

async function setup(heldMs: number) {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-lock-'))
  const path = join(folder, 'file.db')
  const db = new DatabaseSync(path, { timeout: 70 })
  db.exec('PRAGMA journal_mode = WAL; CREATE TABLE t (v)')
  const told = new SharedArrayBuffer(4)
  const holder = new Worker(HOLDER, { eval: true, workerData: { path, told, ms: heldMs } })
  // On a busy machine it may have ended before anybody is told that it holds the lock.
  const ended = new Promise((resolve) => holder.once('exit', resolve))
  await new Promise((resolve) => holder.once('message', resolve))
  const dispose = async () => {
    Atomics.store(new Int32Array(told), 0, 1)
    Atomics.notify(new Int32Array(told), 0)
    await ended
    db.close()
    rmSync(folder, { recursive: true })
  }
  const take = (busyTimeoutMs: number) =>
    takeWriteLock(db, { begin: db.prepare('BEGIN IMMEDIATE'), busyTimeoutMs })
  const timeout = () => db.prepare('PRAGMA busy_timeout').get()?.['timeout']
  return { db, take, timeout, [Symbol.asyncDispose]: dispose }
}

test('the lock is taken once who holds it lets go', async () => {
  await using scene = await setup(20)
  scene.take(60_000)
  expect(scene.db.isTransaction).toBe(true)
  expect(scene.timeout()).toBe(60_000)
  scene.db.exec('COMMIT')
})

test.each([0, 5])('whoever may wait for %i ms is told that it was not free', async (ms) => {
  await using scene = await setup(60_000)
  expect(() => scene.take(ms)).toThrow('locked')
  expect(scene.db.isTransaction).toBe(false)
  // Reads wait as long as before.
  expect(scene.timeout()).toBe(ms)
})
