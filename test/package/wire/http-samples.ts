/** What stands in the stored entries of HTTP answers, with a body of bytes that are no text. */

import type { HttpEntry } from '../../../src/http/stored-answer.ts'

export interface HttpSample {
  readonly file: string
  readonly entry: HttpEntry
}

export const HTTP_SAMPLES: readonly HttpSample[] = [
  {
    file: 'http-200-answer.bin',
    entry: {
      names: ['accept-language', 'x-größe'],
      selected: '["de",null]',
      answer: {
        status: 200,
        statusText: 'OK',
        headers: [
          ['content-type', 'image/png'],
          ['date', 'Sun, 22 Nov 2026 02:32:15 GMT'],
          ['etag', '"☕"'],
          ['x-twice', 'one'],
          ['x-twice', 'two'],
        ],
        body: Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe, 0x0a]),
        requestedAt: 1_795_314_735_000,
        receivedAt: 1_795_314_735_012.5,
      },
    },
  },
  {
    file: 'http-200-empty.bin',
    entry: {
      names: [],
      selected: '',
      answer: {
        status: 404,
        statusText: '',
        headers: [],
        body: new Uint8Array(),
        requestedAt: 0,
        receivedAt: 1,
      },
    },
  },
  {
    file: 'http-200-tags.bin',
    entry: {
      names: [],
      selected: '',
      answer: {
        status: 200,
        statusText: 'OK',
        headers: [['content-type', 'text/plain']],
        body: Uint8Array.from([0x68, 0x69]),
        requestedAt: 1_795_314_735_000,
        receivedAt: 1_795_314_735_012.5,
        tags: 'products, größe:7',
      },
    },
  },
  {
    file: 'http-200-names.bin',
    entry: { names: ['accept'], selected: '', answer: undefined },
  },
]
