import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { readTrace } from '../src/traces/read-trace.ts'
import { guessFormat, type TraceFormat } from '../src/traces/trace-format.ts'
import { UsageError } from '../src/usage-error.ts'

/** A file with the bytes, gone at the end of the test, and a way to read it whole. */
async function setup(bytes: string | Uint8Array, name = 'sample') {
  const folder = await mkdtemp(join(tmpdir(), 'tiercel-bench-test-'))
  const path = join(folder, name)
  await writeFile(path, bytes)
  const read = async (format: TraceFormat): Promise<string[]> => {
    const keys: string[] = []
    for await (const batch of readTrace(path, format)) keys.push(...batch)
    return keys
  }
  return { path, read, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

describe('the lirs format', () => {
  test('gives a block number a line and skips stars', async () => {
    await using file = await setup('12\n*\n7\r\n12')
    expect(await file.read('lirs')).toEqual(['12', '7', '12'])
  })

  test('refuses a line that is no number, naming it', async () => {
    await using file = await setup('12\nlamp\n')
    await expect(file.read('lirs')).rejects.toThrow('`lamp` is no block number')
  })
})

describe('the be32 format', () => {
  test('gives big-endian numbers, the largest as unsigned', async () => {
    await using file = await setup(Uint8Array.of(0, 0, 1, 2, 255, 255, 255, 254))
    expect(await file.read('be32')).toEqual(['258', '4294967294'])
  })

  test('refuses an end in the middle of a number', async () => {
    await using file = await setup(Uint8Array.of(0, 0, 0, 1, 9))
    await expect(file.read('be32')).rejects.toThrow('ends with 1 bytes where a record has 4')
  })
})

describe('the be64 format', () => {
  test('gives numbers beyond what a double holds exactly', async () => {
    await using file = await setup(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5, 0, 32, 0, 0, 0, 0, 0, 1))
    expect(await file.read('be64')).toEqual(['5', '9007199254740993'])
  })
})

describe('the arc format', () => {
  test('turns a line into consecutive keys', async () => {
    await using file = await setup('10 3 0 1\n7 1 0 2\n')
    expect(await file.read('arc')).toEqual(['10', '11', '12', '7'])
  })

  test('gives all the keys of a line that is longer than a batch', async () => {
    await using file = await setup('0 10000 0 1\n')
    const keys = await file.read('arc')
    expect(keys).toHaveLength(10_000)
    expect(new Set(keys).size).toBe(10_000)
  })

  test('refuses a line without a count', async () => {
    await using file = await setup('10\n')
    await expect(file.read('arc')).rejects.toThrow(UsageError)
  })
})

describe('the adaptsize format', () => {
  test('gives the second of three words', async () => {
    await using file = await setup('1 lamp 200\n2 chair 5000\n\n3 lamp 200\n')
    expect(await file.read('adaptsize')).toEqual(['lamp', 'chair', 'lamp'])
  })

  test('refuses a line of two words', async () => {
    await using file = await setup('1 lamp\n')
    await expect(file.read('adaptsize')).rejects.toThrow('`1 lamp` is no')
  })
})

describe('the oracle-general format', () => {
  test('gives the object of each packed record', async () => {
    const records = Buffer.alloc(48)
    records.writeUInt32LE(100, 0)
    records.writeBigUInt64LE(77n, 4)
    records.writeUInt32LE(4096, 12)
    records.writeBigInt64LE(-1n, 16)
    records.writeBigUInt64LE(18_446_744_073_709_551_615n, 28)
    await using file = await setup(records)
    expect(await file.read('oracle-general')).toEqual(['77', '18446744073709551615'])
  })
})

describe('the keys format', () => {
  test('gives each line as it stands', async () => {
    await using file = await setup('product:1\n\n  two words\nüber')
    expect(await file.read('keys')).toEqual(['product:1', '  two words', 'über'])
  })
})

describe('a compressed trace', () => {
  test('is read through gzip', async () => {
    await using file = await setup(gzipSync('1\n2\n'), 'sample.gz')
    expect(await file.read('lirs')).toEqual(['1', '2'])
  })

  test('is read through zstd', async () => {
    await using file = await setup(zstdCompressSync('1\n2\n'), 'sample.zst')
    expect(await file.read('lirs')).toEqual(['1', '2'])
  })

  test('that is broken is refused by its name', async () => {
    await using file = await setup('no gzip', 'sample.gz')
    await expect(file.read('lirs')).rejects.toThrow(`Cannot read the trace ${file.path}`)
  })

  test('that needs a command which is missing is refused with the name of its package', async () => {
    await using file = await setup('', 'sample.xz')
    const path = process.env['PATH']
    process.env['PATH'] = '/nowhere'
    const reading = file.read('lirs').finally(() => {
      process.env['PATH'] = path
    })
    await expect(reading).rejects.toThrow('xz-utils')
  })
})

test('a trace that is not there is refused by its name', async () => {
  const reading = readTrace('/nowhere/sample.trace', 'lirs')[Symbol.asyncIterator]().next()
  await expect(reading).rejects.toThrow('Cannot read the trace /nowhere/sample.trace')
})

test.each([
  ['traces/lirs/gli.trace.gz', 'lirs'],
  ['traces/cache2k/web07.trace.xz', 'be32'],
  ['OLTP.lis.zst', 'arc'],
  ['cluster52.oracleGeneral.zst', 'oracle-general'],
  ['mine.be64', 'be64'],
  ['web.tr.gz', 'adaptsize'],
  ['access.keys', 'keys'],
  ['some.trace', undefined],
])('the name %s speaks for the format %s', (path, format) => {
  expect(guessFormat(path)).toBe(format)
})
