/**
 * AWS Query and EC2 Query (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html, …/aws-ec2-query-protocol.html): a form
 * goes out, XML comes back. Of an answer only what its shape names is read.
 */
import type { Protocol } from './protocol.ts'
import { childrenOf, type Element, readShape, rootOf, type Shape, textOf } from './xml.ts'

export type Shapes = Readonly<Record<string, Shape>>

/** AWS Query: what is answered is in an element of its own, and lists have members. */
export function queryProtocol(version: string, shapes: Shapes): Protocol {
  return formProtocol(version, shapes, {
    listed: (name, index) => `${name}.member.${index}`,
    resultOf: (root, operation) => childrenOf(root, `${operation}Result`)[0] ?? '',
    errorOf: (root) => childrenOf(root, 'Error')[0],
  })
}

/** EC2 Query: lists are flat, and go by their members' name: `Filter.1.Value.1`. */
export function ec2Protocol(version: string, shapes: Shapes): Protocol {
  return formProtocol(version, shapes, {
    listed: (name, index) => `${name.replace(/s$/, '')}.${index}`,
    resultOf: (root) => root,
    errorOf: (root) => childrenOf(childrenOf(root, 'Errors')[0], 'Error')[0],
  })
}

interface Dialect {
  /** The parameter of a list's member, counted from 1. */
  readonly listed: (name: string, index: number) => string
  readonly resultOf: (root: Element, operation: string) => Element
  readonly errorOf: (root: Element) => Element | undefined
}

function formProtocol(version: string, shapes: Shapes, { listed, resultOf, errorOf }: Dialect): Protocol {
  return {
    write(operation, input) {
      const parameters = [['Action', operation], ['Version', version], ...parametersOf(input, listed)]
      return {
        method: 'POST',
        path: '/',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: parameters.map(([name = '', value = '']) => `${name}=${encodeURIComponent(value)}`).join('&'),
      }
    },
    read(operation, { body }) {
      const shape = shapes[operation]
      if (!shape) throw new TypeError(`The answer of ${operation} has no shape`)
      return readShape(shape, resultOf(rootOf(body).root, operation)) as object
    },
    readError({ body, statusCode }) {
      const error = errorOf(rootOf(body).root)
      return {
        code: textOf(error, 'Code') ?? `HTTP ${statusCode}`,
        message: textOf(error, 'Message') ?? 'The service gave no message.',
        details: {},
      }
    },
  }
}

/** `TargetGroupArns.member.1` and its value, for each text, number and boolean in `input`. */
function parametersOf(input: object, listed: Dialect['listed'], prefix = ''): string[][] {
  return Object.entries(input).flatMap(([key, value]: [string, unknown]) => {
    if (value === undefined) return []
    const name = prefix + key
    if (Array.isArray(value))
      return value.flatMap((each, index) => parametersOf({ [listed(name, index + 1)]: each }, listed))
    return typeof value === 'object' && value !== null
      ? parametersOf(value, listed, `${name}.`)
      : [[name, String(value)]]
  })
}
