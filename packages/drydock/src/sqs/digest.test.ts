import { expect, test } from 'vitest'
import { digestAttributes, digestBody } from './digest.ts'

const number = (text: string) => ({ dataType: 'Number', text })

test('the digest of a body is its MD5', () => {
  expect(digestBody('This is a test message')).toBe('fafb00f5732ab283681e124bf8747ed1')
})

// Digests that the service gave for these attributes.
test.each([
  ['timestamp', '1493147359900', '235c5c510d26fb653d073faed50ae77c'],
  ['timestamp', '1493147359901', '994258b45346a2cc3f9cbb611aa7af30'],
  ['SOME_Valid.attribute-Name', '1493147359900', '36655e7e9d7c0e8479fa3f3f42247ae7'],
])('the digest of %s = %s is the one that SQS gives', (name, value, digest) => {
  expect(digestAttributes({ [name]: number(value) })).toBe(digest)
})

test('no attributes have no digest', () => {
  expect(digestAttributes({})).toBeUndefined()
})

test('the order of attributes does not matter, their kind does', () => {
  const [a, b] = [number('1'), { dataType: 'String', text: '1' }]
  expect(digestAttributes({ a, b })).toBe(digestAttributes({ b, a }))
  expect(digestAttributes({ a })).not.toBe(digestAttributes({ a: b }))
  const binary = { dataType: 'String', base64: Buffer.from('1').toString('base64') }
  expect(digestAttributes({ a: b })).not.toBe(digestAttributes({ a: binary }))
})
