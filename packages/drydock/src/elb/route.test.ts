/** Which rule a request meets, by the documented meaning of each condition. */
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { locationOf } from './redirect.ts'
import { type RoutedRequest, route } from './route.ts'
import { ruleOf } from './testing.ts'
import { matchesWildcard } from './wildcard.ts'

const request: RoutedRequest = {
  method: 'GET',
  url: '/img/cat.png?Size=Big&tag=a%20b&flag',
  host: 'Shop.Example.com:8080',
  headers: { 'user-agent': 'Mozilla/5.0 (Chrome)', 'x-many': 'one, two' },
  sourceIp: '::ffff:10.1.2.3',
}
const path = (...Values: string[]): RuleCondition => ({
  Field: 'path-pattern',
  PathPatternConfig: { Values },
})
const host = (...Values: string[]): RuleCondition => ({ Field: 'host-header', HostHeaderConfig: { Values } })
const header = (HttpHeaderName: string, ...Values: string[]): RuleCondition => ({
  Field: 'http-header',
  HttpHeaderConfig: { HttpHeaderName, Values },
})
const query = (...Values: { Key?: string; Value: string }[]): RuleCondition => ({
  Field: 'query-string',
  QueryStringConfig: { Values },
})
const method = (...Values: string[]): RuleCondition => ({
  Field: 'http-request-method',
  HttpRequestMethodConfig: { Values },
})
const source = (...Values: string[]): RuleCondition => ({ Field: 'source-ip', SourceIpConfig: { Values } })

test.each<[string, boolean, RuleCondition]>([
  ['a path by its pattern', true, path('/img/*')],
  ['a path by one of several patterns', true, path('/api/*', '/img/???.png')],
  ['a path in another case', false, path('/IMG/*')],
  ['a path with its query', false, path('/img/cat.png?*')],
  ['a prefix that is no pattern', false, path('/img')],
  ['a host in any case and without its port', true, host('shop.example.COM')],
  ['a host by its pattern', true, host('*.example.com')],
  ['another host', false, host('example.com')],
  ['a header in any case', true, header('User-Agent', '*chrome*')],
  ['a header that is not there', false, header('x-none', '*')],
  ['a method', true, method('POST', 'GET')],
  ['a method in another case', false, method('get')],
  ['a parameter in any case', true, query({ Key: 'size', Value: 'BIG' })],
  ['a value without its key', true, query({ Value: 'big' })],
  ['a decoded value', true, query({ Key: 'tag', Value: 'a b' })],
  ['a parameter of another value', false, query({ Key: 'size', Value: 'small' })],
  ['an escaped wildcard', false, query({ Key: 'size', Value: '\\*' })],
  ['an address in its network', true, source('192.168.0.0/16', '10.1.0.0/16')],
  ['an address outside', false, source('10.2.0.0/16', '2001:db8::/32')],
])('%s meets its condition: %s', (_, isMet, condition) => {
  const rules = [ruleOf('wanted', [condition]), ruleOf('default', [])]
  expect(route(rules, request)?.arn).toBe(isMet ? 'wanted' : 'default')
})

test('all conditions of a rule must hold, and the first rule wins', () => {
  const rules = [
    ruleOf('no', [path('/img/*'), method('POST')]),
    ruleOf('first', [path('/img/*'), host('*.com')]),
    ruleOf('second', [path('*')]),
    ruleOf('default', []),
  ]
  expect(route(rules, request)?.arn).toBe('first')
})

test('a pattern matches as the regular expression that it stands for', () => {
  const characters = fc.array(fc.constantFrom('a', 'b', '*', '?', '.'), { maxLength: 8 })
  const texts = fc.array(fc.constantFrom('a', 'b', '.'), { maxLength: 10 })
  fc.assert(
    fc.property(characters, texts, (pattern, text) => {
      const source = pattern.join('').replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')
      expect(matchesWildcard(pattern.join(''), text.join(''))).toBe(
        new RegExp(`^${source}$`).test(text.join('')),
      )
    }),
    { numRuns: 1000 },
  )
})

test('a pattern made to be slow is not', () => {
  expect(matchesWildcard('*a*a*a*a*a*b', 'a'.repeat(5000))).toBe(false)
})

test.each([
  [{ Protocol: 'HTTPS', Port: '443' }, 'https://shop.example.com:443/a/b?x=1'],
  [{ Host: 'new.#{host}' }, 'http://new.shop.example.com:80/a/b?x=1'],
  [{ Path: '/v2/#{path}', Query: '' }, 'http://shop.example.com:80/v2/a/b'],
  [{ Path: '/#{port}', Query: 'was=#{query}' }, 'http://shop.example.com:80/80?was=x=1'],
])('a redirect by %j leads to %s', (config, location) => {
  const called = { protocol: 'http', host: 'shop.example.com:8080', port: 80, url: '/a/b?x=1' } as const
  expect(locationOf({ ...config, StatusCode: 'HTTP_301' }, called)).toBe(location)
})
