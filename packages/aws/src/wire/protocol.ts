/** What the protocols of AWS services have in common: an operation becomes a request, and a response what was answered. */

/** A request as a protocol writes it, without where it goes and who signs it. */
export interface WireRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** A response whose body has been read. */
export interface WireResponse {
  readonly statusCode: number
  /** By names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a service says of an error. */
export interface WireError {
  /** As the API reference lists it: `ServiceNotFoundException`. */
  readonly code: string
  readonly message: string
  /** What else the answer says, by the names of the API reference. */
  readonly details: Readonly<Record<string, unknown>>
}

export interface Protocol {
  /** Writes the request of an operation. */
  write(operation: string, input: object): WireRequest
  /** Reads the answer of one that succeeded. Throws where the body is not of the protocol. */
  read(operation: string, response: WireResponse): object
  /** Reads the answer of one that failed. Throws where the body is not of the protocol. */
  readError(response: WireResponse): WireError
}
