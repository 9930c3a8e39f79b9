/**
 * A connection to a target that serves one request after another. It is spoken on directly, for speed: what a read
 * brings is passed on before the next read, so all connections read into the same memory.
 */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { HTTPParser, type OnHeadersCompleteParser } from 'http-parser-js'
import { type WholeResponse, wholeResponse } from './whole-response.ts'

/** Where a connection leads. */
export interface Destination {
  readonly isTls: boolean
  readonly address: string
  readonly port: number
  /** How long it may be silent, in seconds. */
  readonly idleSeconds: number
}

/** What is told of a response, in this order; bytes are gone after the call. */
export interface Receiver {
  /** The head; its headers are raw. Throws if it cannot be passed on: the response has failed then. */
  head(status: number, message: string, headers: string[]): void
  /** What there is of the body by now; undefined if that is nothing. */
  part(bytes: Buffer | undefined): void
  /** The whole response has come; with the bytes that have not been told of yet. A string is latin1. */
  end(last: Buffer | string | undefined): void
  /** No response, or half of one. `isUnseen`: the target had closed the connection before the request came. */
  failed(isUnseen: boolean): void
  /** Nothing went either way for the idle time, or the connection took too long. */
  silent(): void
}

/** ALB User Guide, HTTP 504: how long a connection to a target may take. */
const CONNECT_MS = 10_000

/** Responses beyond this size are not looked at as a whole. */
const SMALL = 16 * 1024

const READ_INTO = Buffer.allocUnsafeSlow(64 * 1024)

// RFC 9110 §5.5: bytes beyond ASCII are opaque in headers. As latin1 they pass as they are, as in Node's own parser.
HTTPParser.encoding = 'latin1'

export class Connection {
  readonly socket: Socket
  /** The request has been written whole. Until then the connection serves no other. */
  isSent = false
  /** It has been there, whatever became of it. */
  isConnected = false
  readonly #parser = new HTTPParser(HTTPParser.RESPONSE)
  readonly #idleSeconds: number
  readonly #onIdle: (connection: Connection) => void
  /** Whole seconds without a byte either way. A timer of the socket's own would be set anew with each of them. */
  #silentFor = 0
  #receiver: Receiver | undefined
  #isReused = false
  #isHead = false
  /** A response such as 103 that comes before the one that counts. */
  #isInterim = false
  #isComplete = false
  #isKept = false
  #hasBytes = false
  /** Body that has been read in this turn and not told of. */
  #pending: Buffer | undefined

  /** Connects. `onIdle` is told when it can serve another request. */
  constructor(to: Destination, onIdle: (connection: Connection) => void) {
    this.#onIdle = onIdle
    this.#idleSeconds = to.idleSeconds
    this.#parser[HTTPParser.kOnHeadersComplete] = (head) => this.#onHead(head)
    this.#parser[HTTPParser.kOnBody] = (bytes) => {
      if (this.#pending) this.#receiver?.part(this.#pending)
      this.#pending = bytes
    }
    this.#parser[HTTPParser.kOnMessageComplete] = () => {
      this.#isComplete = !this.#isInterim
      this.#isInterim = false
    }
    this.socket = open(to, (bytes, size) => this.#read(bytes, size))
    this.socket.on('error', () => {}).once('end', () => this.#onEof())
    this.socket.once('close', () => this.#fail())
    const timer = setTimeout(() => this.#onSilence(), CONNECT_MS)
    const connected = () => {
      this.isConnected = true
      clearTimeout(timer)
    }
    this.socket.once('connect', connected).once('close', () => clearTimeout(timer))
  }

  /** The end of what the target sends ends the connection too. */
  get isOpen(): boolean {
    return !this.socket.destroyed
  }

  /** Takes the next response for a request, which the caller writes to the socket. */
  expect(receiver: Receiver, isHead: boolean): void {
    this.#isReused = this.isSent
    this.isSent = false
    this.#isHead = isHead
    this.#isComplete = false
    this.#hasBytes = false
    this.#silentFor = 0
    this.#receiver = receiver
  }

  /** Notes that something was written. */
  touch(): void {
    this.#silentFor = 0
  }

  /** Called each second: gives up after the idle time. */
  tick(): void {
    if (this.#silentFor++ >= this.#idleSeconds) this.#onSilence()
  }

  /** Ends it without a word to its receiver. */
  destroy(): void {
    this.#receiver = undefined
    this.socket.destroy()
  }

  #read(bytes: Buffer, size: number): void {
    const whole = this.#wholeOf(bytes, size)
    this.#hasBytes = true
    this.#silentFor = 0
    if (whole) return void this.#take(whole)
    const isUnderstood = this.#receiver !== undefined && this.#parse(bytes, size)
    const pending = this.#pending
    this.#pending = undefined
    // What follows a whole response is nobody's: the response counts, and the connection serves no other.
    this.#isKept &&= isUnderstood
    if (this.#isComplete) this.#finish(pending)
    else if (!isUnderstood) this.#fail()
    else this.#receiver?.part(pending)
  }

  /** The response, if this is the first of it and all there is. */
  #wholeOf(bytes: Buffer, size: number): WholeResponse | undefined {
    if (!this.#receiver || this.#hasBytes || this.#isHead || size > SMALL) return undefined
    return wholeResponse(bytes.toString('latin1', 0, size))
  }

  /** A head that cannot be passed on is a response that has failed. */
  #take({ status, message, headers, body }: WholeResponse): void {
    try {
      this.#receiver?.head(status, message, headers)
      this.#isKept = true
    } catch {
      this.#fail()
      return
    }
    this.#finish(body)
  }

  /** The parser returns its own errors, and throws those of its callbacks. */
  #parse(bytes: Buffer, size: number): boolean {
    try {
      return this.#parser.execute(bytes, 0, size) === size
    } catch {
      return false
    }
  }

  #onHead(head: Parameters<OnHeadersCompleteParser>[0]): number {
    const { statusCode: status, statusMessage, headers, shouldKeepAlive } = head
    if (this.#isComplete || !isFramed(headers)) throw new Error('The response is malformed')
    if (status === 101) throw new Error('The target changed the protocol without being asked')
    this.#isInterim = status < 200
    if (this.#isInterim) return NO_BODY
    this.#isKept = shouldKeepAlive
    this.#receiver?.head(status, statusMessage, headers)
    return this.#isHead || status === 204 || status === 304 ? NO_BODY : 0
  }

  #finish(last: Buffer | string | undefined): void {
    const receiver = this.#receiver
    this.#receiver = undefined
    if (this.#isKept && this.isSent && this.isOpen) this.#onIdle(this)
    else this.socket.destroy()
    receiver?.end(last)
  }

  /** The end of the connection is the end of a response that has no length. */
  #onEof(): void {
    if (!this.#receiver || !this.#hasBytes || this.#parser.finish() || !this.#isComplete) this.#fail()
    else this.#finish(undefined)
  }

  #onSilence(): void {
    const receiver = this.#receiver
    this.destroy()
    receiver?.silent()
  }

  #fail(): void {
    const receiver = this.#receiver
    this.destroy()
    receiver?.failed(this.#isReused && !this.#hasBytes)
  }
}

const NO_BODY = 1

function open({ isTls, address, port }: Destination, onRead: (bytes: Buffer, size: number) => void): Socket {
  // A target's certificate is not validated: ALB User Guide, target groups, routing configuration.
  if (isTls)
    return connectTls({ host: address, port, rejectUnauthorized: false }).on('data', (bytes) =>
      onRead(bytes, bytes.length),
    )
  const callback = (size: number) => {
    onRead(READ_INTO, size)
    return true
  }
  return connect({ host: address, port, noDelay: true, onread: { buffer: READ_INTO, callback } })
}

/** RFC 9112 §6.3: whether the end of the body can be told. The parser would take any length for a number. */
function isFramed(headers: readonly string[]): boolean {
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] ?? ''
    // Most names are told apart by their length alone: this runs for every response.
    if (name.length !== CONTENT_LENGTH.length && name.length !== TRANSFER_ENCODING.length) continue
    const lower = name.toLowerCase()
    const value = headers[i + 1] ?? ''
    if (lower === CONTENT_LENGTH && !/^\d+$/.test(value)) return false
    if (lower === TRANSFER_ENCODING && value.toLowerCase() !== 'chunked') return false
  }
  return true
}

const CONTENT_LENGTH = 'content-length'
const TRANSFER_ENCODING = 'transfer-encoding'
