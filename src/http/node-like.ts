/** What the adapters need of Node's requests and responses: their shape alone, whoever has made them. */

export interface NodeRequestLike {
  readonly method?: string | undefined
  /** Of the whole, also where the router has cut `url`. */
  readonly originalUrl?: string
  readonly url?: string | undefined
  readonly headers: Record<string, string | string[] | undefined>
  readonly socket?: object
}

export type NodeHeaders =
  | Readonly<Record<string, number | string | readonly string[] | undefined>>
  | readonly unknown[]

export interface NodeResponseLike {
  statusCode: number
  readonly destroyed: boolean
  /** It is over, and has said so. */
  readonly closed?: boolean
  readonly writableFinished: boolean
  readonly writableNeedDrain: boolean
  setHeader(name: string, value: number | string | readonly string[]): unknown
  getHeader(name: string): number | string | readonly string[] | undefined
  getHeaderNames(): string[]
  removeHeader(name: string): void
  writeHead(status: number): unknown
  write(chunk: unknown): boolean
  end(): unknown
  once(event: string, listener: () => void): unknown
  off(event: string, listener: () => void): unknown
  removeAllListeners(): unknown
  emit(event: string): boolean
  destroy: (error?: Error) => unknown
}
