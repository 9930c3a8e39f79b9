import { expect, test } from 'vitest'
import { compileRoute } from './route.ts'

const at = (path: string) => new URL(path, 'http://localhost')

test.each<[string, string, string, string, Record<string, string> | undefined]>([
  ['GET', '/2015-03-31/functions/{Name}', 'GET', '/2015-03-31/functions/f', { Name: 'f' }],
  ['GET', '/2015-03-31/functions/{Name}', 'GET', '/2015-03-31/functions/arn%3Aaws', { Name: 'arn%3Aaws' }],
  ['GET', '/2015-03-31/functions/{Name}', 'GET', '/2015-03-31/functions/f/', { Name: 'f' }],
  ['GET', '/2015-03-31/functions/{Name}', 'POST', '/2015-03-31/functions/f', undefined],
  ['GET', '/2015-03-31/functions/{Name}', 'GET', '/2015-03-31/functions/f/code', undefined],
  ['GET', '/2015-03-31/functions/{Name}', 'GET', '/2015-03-31/functions/', undefined],
  ['GET', '/{Bucket}/{Key+}', 'GET', '/b/a/c/d', { Bucket: 'b', Key: 'a/c/d' }],
  ['POST', '/a.b', 'POST', '/axb', undefined],
  ['GET', '/x?list', 'GET', '/x?list', {}],
  ['GET', '/x?list', 'GET', '/x', undefined],
  ['GET', '/x?type=2', 'GET', '/x?type=2&more=1', {}],
  ['GET', '/x?type=2', 'GET', '/x?type=3', undefined],
])('%s %s asked as %s %s', (method, uri, given, path, labels) => {
  expect(compileRoute([method, uri, 200]).match(given, at(path))).toEqual(labels)
})

test('literal segments outrank labels, labels outrank greedy labels, and a query outranks none', () => {
  const weigh = (uri: string) => compileRoute(['GET', uri, 200]).weight
  const uris = ['/a/{Key+}', '/a/{Id}', '/a/b', '/a/b?list']
  expect(uris.toSorted((a, b) => weigh(a) - weigh(b))).toEqual(uris)
})
