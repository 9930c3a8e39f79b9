import { expect, test } from 'vitest'
import { whatToWrite } from './connect.ts'

const known = ['web.example.com', 'prod/api']

test.each([
  ['a slip is put right', 'wbe.example.com', known, 'Write web.example.com.'],
  ['of Cloud Map as well', 'prod/apj', known, 'Write prod/api.'],
  [
    'what is like none is told where the names are',
    'nothing.test',
    known,
    "Write one of those that 'capstan discovery list' shows, such as web.example.com.",
  ],
  [
    'where there is none, it is told how to get one',
    'web.example.com',
    [],
    'Tag a service with capstan:dns or capstan:discovery, or name it in the config file.',
  ],
])('%s', (_, text, names, told) => {
  expect(whatToWrite(text, names)).toBe(told)
})
