/** The forms in which requests name a function, and what they may not be. */
import { expect, test } from 'vitest'
import { isOutside } from './archive-paths.ts'
import { parseFunctionName } from './names.ts'

const account = '123456789012'
const region = 'us-east-1'

test.each<[string, object]>([
  ['my-function', { name: 'my-function' }],
  ['my_function:$LATEST', { name: 'my_function', qualifier: '$LATEST' }],
  ['f:7', { name: 'f', qualifier: '7' }],
  [`${account}:function:f`, { name: 'f', accountId: account }],
  [`${account}:function:f:live`, { name: 'f', accountId: account, qualifier: 'live' }],
  [`arn:aws:lambda:${region}:${account}:function:f`, { name: 'f', accountId: account, region }],
  [
    `arn:aws-cn:lambda:cn-north-1:${account}:function:f:$LATEST`,
    { name: 'f', accountId: account, region: 'cn-north-1', qualifier: '$LATEST' },
  ],
])('%s is read', (text, expected) => {
  expect(parseFunctionName(text)).toEqual(expected)
})

test.each(['', 'a b', 'a/b', 'a:b:c:d', 'x'.repeat(65), `arn:aws:sqs:${region}:${account}:f`, 'ä'])(
  '%j is refused',
  (text) => {
    expect(() => parseFunctionName(text)).toThrow(/at 'functionName' failed to satisfy constraint/)
  },
)

test.each([
  ['index.js', false],
  ['a/b/index.js', false],
  ['a/..b/index.js', false],
  ['../evil', true],
  ['a/../../evil', true],
  ['/etc/passwd', true],
  ['C:/evil', true],
  ['a\\..\\evil', true],
])('a path of %s in an archive leads out: %s', (path, expected) => {
  expect(isOutside(path)).toBe(expected)
})
