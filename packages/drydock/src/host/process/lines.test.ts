import fc from 'fast-check'
import { expect, test } from 'vitest'
import { lineCutter } from './lines.ts'

function cut(...chunks: (string | Buffer)[]): string[] {
  const lines: string[] = []
  const cutter = lineCutter((line) => lines.push(line))
  for (const chunk of chunks) cutter.write(Buffer.from(chunk))
  cutter.end()
  return lines
}

const LONG = 'x'.repeat(16 * 1024)
const euro = Buffer.from('€')

test.each<[string, (string | Buffer)[], string[]]>([
  ['lines', ['a\nb\n'], ['a', 'b']],
  ['a line in two chunks', ['a', 'b\nc'], ['ab', 'c']],
  ['Windows line ends', ['a\r\nb'], ['a', 'b']],
  ['empty lines', ['\n\na'], ['', '', 'a']],
  ['a character in two chunks', [euro.subarray(0, 1), euro.subarray(1)], ['€']],
  ['no text', [Buffer.from([0xff, 0x0a])], ['\ufffd']],
  ['a line that is too long', [`${LONG}yz\n`], [LONG, 'yz']],
  ['a line that never ends', [LONG, LONG, 'y'], [LONG, LONG, 'y']],
  ['nothing', [], []],
])('%s are cut', (_, chunks, expected) => {
  expect(cut(...chunks)).toEqual(expected)
})

test('no text is lost or changed, however it is cut into chunks', () => {
  const chunks = fc.array(fc.string({ unit: fc.constantFrom('a', '€', '\n') }))
  fc.assert(
    fc.property(chunks, (parts) => {
      const text = parts.join('')
      const lines = text.split('\n')
      expect(cut(...parts)).toEqual(lines.at(-1) === '' ? lines.slice(0, -1) : lines)
    }),
  )
})
