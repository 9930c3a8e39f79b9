import fc from 'fast-check'
import { HTTPParser } from 'http-parser-js'
import { expect, test } from 'vitest'
import { wholeResponse } from './whole-response.ts'

const of = (head: string, body = 'ok') => `HTTP/1.1 ${head.replaceAll('\n', '\r\n')}\r\n\r\n${body}`

test('a response with its length is read whole', () => {
  expect(
    wholeResponse(of('200 OK\nX-A: 1\ncontent-length:2\nX-B: a: b\nEmpty:\nConnection: keep-alive')),
  ).toEqual({
    status: 200,
    message: 'OK',
    headers: ['X-A', '1', 'content-length', '2', 'X-B', 'a: b', 'Empty', '', 'Connection', 'keep-alive'],
    body: 'ok',
  })
  const all = of('404 Not Found\nContent-Length: 4', '\0\xff\r\n')
  expect(wholeResponse(all)).toMatchObject({ status: 404, message: 'Not Found', body: '\0\xff\r\n' })
})

test.each([
  ['without a length', of('200 OK\nA: b')],
  ['that is not there yet', of('200 OK\nContent-Length: 3')],
  ['whose head is not there yet', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n'],
  ['with more behind it', of('200 OK\nContent-Length: 1')],
  ['with two lengths', of('200 OK\nContent-Length: 2\nContent-Length: 2')],
  ['with a length that is no number', of('200 OK\nContent-Length: +2')],
  ['with an empty length', of('200 OK\nContent-Length:', '')],
  ['with a list of lengths', of('200 OK\nContent-Length: 2, 2')],
  ['with a coding besides the length', of('200 OK\nContent-Length: 2\nTransfer-Encoding: chunked')],
  ['that is the last of its connection', of('200 OK\nContent-Length: 2\nConnection: close')],
  ['with a folded header', of('200 OK\nContent-Length: 2\nA: b\n c: d')],
  ['with space before a colon', of('200 OK\nContent-Length : 2')],
  ['with space to take off', of('200 OK\nContent-Length: 2 ')],
  ['with more space before a value', of('200 OK\nContent-Length:  2')],
  ['with a header without colon', of('200 OK\nContent-Length: 2\nA\nB: c')],
  ['with a header without name', of('200 OK\nContent-Length: 2\n: a')],
  ['with a bare line feed', 'HTTP/1.1 200 OK\nContent-Length: 2\r\n\r\nok'],
  ['with a bare line feed between headers', 'HTTP/1.1 200 OK\r\nA: b\nContent-Length: 2\r\n\r\nok'],
  ['that is interim', of('103 Early Hints\nContent-Length: 0', '')],
  ['without a body by its status', of('304 Not Modified\nContent-Length: 2')],
  ['of another version', of('200 OK\nContent-Length: 2').replace('1.1', '1.0')],
  ['with a status that is none', of('2e2 OK\nContent-Length: 2')],
  ['without a reason or the space before it', of('200\nContent-Length: 2')],
])('a response %s is left to the parser', (_, text) => {
  expect(wholeResponse(text)).toBeUndefined()
})

const piece = fc.constantFrom(
  ...[
    'HTTP/1.1 200 OK\r\n',
    'HTTP/1.1 404 \r\n',
    'HTTP/1.1 2.0 OK\r\n',
    'Content-Length: 2',
    'Content-Length: 02',
  ],
  ...[
    'Transfer-Encoding: chunked',
    'Connection: keep-alive',
    'A: b',
    'A:b',
    'A:',
    ' A',
    ':',
    ' ',
    '\t',
    '\r',
    '\n',
  ],
  ...['\r\n', '\r\n', '\r\n\r\n', '\r\n\r\nok', 'ok', '\xe9'],
)

test('what is read means the same to the parser', () => {
  fc.assert(
    fc.property(fc.array(piece, { minLength: 2, maxLength: 9 }), (pieces) => {
      const text = `HTTP/1.1 200 OK\r\n${pieces.join('')}`
      const whole = wholeResponse(text)
      if (whole) expect(parsed(text)).toEqual(whole)
    }),
    { numRuns: 5000 },
  )
})

/** What the parser makes of it; undefined if that is not one whole response. */
function parsed(text: string) {
  const parser = new HTTPParser(HTTPParser.RESPONSE)
  const bytes = Buffer.from(text, 'latin1')
  let seen: object | undefined
  let body = ''
  let isWhole = false
  parser[HTTPParser.kOnHeadersComplete] = ({ statusCode: status, statusMessage: message, headers }) => {
    seen = { status, message, headers: [...headers] }
    return 0
  }
  parser[HTTPParser.kOnBody] = (part, start, length) => {
    body += part.toString('latin1', start, start + length)
  }
  parser[HTTPParser.kOnMessageComplete] = () => {
    isWhole = true
  }
  const used = parser.execute(bytes, 0, bytes.length)
  return isWhole && used === bytes.length ? { ...seen, body } : undefined
}
