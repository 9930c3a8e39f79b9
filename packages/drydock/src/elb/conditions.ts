/** The conditions of rules: checked, and put into the form that they are shown in. */
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import ipaddr from 'ipaddr.js'
import { invalidConfiguration, notImplemented, validation } from './errors.ts'

/** ALB quotas: condition values and wildcards per rule. */
const MOST_VALUES = 5
const MOST_WILDCARDS = 6
const LONGEST_VALUE = 128

const FIELDS = [
  'http-header',
  'http-request-method',
  'host-header',
  'path-pattern',
  'query-string',
  'source-ip',
]
const ONCE = ['http-request-method', 'host-header', 'path-pattern', 'source-ip']

/** The conditions in the form that they are kept in. Throws what CreateRule throws for bad ones. */
export function parseConditions(conditions: readonly RuleCondition[]): RuleCondition[] {
  if (!conditions.length) throw validation('A condition must be specified')
  const parsed = conditions.map(parseCondition)
  const twice = ONCE.find((field) => parsed.filter(({ Field }) => Field === field).length > 1)
  if (twice) throw invalidConfiguration(`A rule can only have one '${twice}' condition`)
  const values = parsed.flatMap(textsOf)
  if (values.length > MOST_VALUES) throw validation(`A rule can only have '${MOST_VALUES}' condition values`)
  if (values.join('').replaceAll(/\\./g, '').replaceAll(/[^*?]/g, '').length > MOST_WILDCARDS)
    throw validation(`A rule can only have '${MOST_WILDCARDS}' condition wildcards`)
  return parsed
}

function textsOf(condition: RuleCondition): string[] {
  const query = condition.QueryStringConfig?.Values?.map(({ Key = '', Value = '' }) => `${Key}${Value}`)
  const config =
    condition.HostHeaderConfig ??
    condition.PathPatternConfig ??
    condition.HttpHeaderConfig ??
    condition.HttpRequestMethodConfig ??
    condition.SourceIpConfig
  return query ?? config?.Values ?? []
}

function parseCondition(condition: RuleCondition): RuleCondition {
  const field = condition.Field ?? ''
  if (!FIELDS.includes(field))
    throw validation(`Condition field '${field}' must be one of '[${FIELDS.join(', ')}]'`)
  if (hasRegex(condition)) throw notImplemented('Regular expressions in conditions are')
  const isPlain = field === 'host-header' || field === 'path-pattern'
  if (!isPlain && condition.Values?.length)
    throw validation(`Condition values cannot be specified directly for the field '${field}'`)
  switch (field) {
    case 'host-header': {
      const Values = oneSource(condition.Values, condition.HostHeaderConfig?.Values, field)
      assertValues(Values, field, /^[A-Za-z0-9.*?-]+$/)
      return { Field: field, Values, HostHeaderConfig: { Values } }
    }
    case 'path-pattern': {
      const Values = oneSource(condition.Values, condition.PathPatternConfig?.Values, field)
      assertValues(Values, field, /^[A-Za-z0-9_.$/~"'@:+&*?!(),;=%-]+$/)
      return { Field: field, Values, PathPatternConfig: { Values } }
    }
    case 'http-header':
      return { Field: field, HttpHeaderConfig: parseHeader(condition) }
    case 'http-request-method': {
      const { Values = [] } = condition.HttpRequestMethodConfig ?? {}
      assertValues(Values, field, /^[A-Z_-]{1,40}$/)
      return { Field: field, HttpRequestMethodConfig: { Values } }
    }
    case 'query-string':
      return { Field: field, QueryStringConfig: { Values: parseQuery(condition) } }
  }
  return { Field: field, SourceIpConfig: { Values: parseSources(condition) } }
}

function hasRegex({
  RegexValues,
  HostHeaderConfig,
  PathPatternConfig,
  HttpHeaderConfig,
}: RuleCondition): boolean {
  const lists = [RegexValues, HostHeaderConfig?.RegexValues, PathPatternConfig?.RegexValues]
  return [...lists, HttpHeaderConfig?.RegexValues].some((list) => list?.length)
}

function oneSource(plain: string[] = [], config: string[] = [], field: string): string[] {
  if (plain.length && config.length && plain.join('\n') !== config.join('\n'))
    throw invalidConfiguration(`You cannot specify both 'Values' and a config for the field '${field}'`)
  return plain.length ? plain : config
}

function assertValues(values: readonly string[], field: string, allowed: RegExp): void {
  if (!values.length) throw validation('A condition value must be specified')
  for (const value of values) {
    if (!value) throw validation('A condition value cannot be empty')
    if (value.length > LONGEST_VALUE)
      throw validation(`Condition value '${value}' cannot be longer than '${LONGEST_VALUE}' characters`)
    if (!allowed.test(value))
      throw validation(`Condition value '${value}' contains a character that is not valid for '${field}'`)
  }
}

const PRINTABLE = /^[\x20-\x7e]+$/

function parseHeader({ HttpHeaderConfig: config, Field: field = '' }: RuleCondition) {
  const { HttpHeaderName: name = '', Values = [] } = config ?? {}
  // RFC 9110 §5.6.2: a header's name is a token.
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/.test(name))
    throw validation(`The HTTP header name '${name}' is not valid`)
  if (name.toLowerCase() === 'host')
    throw validation("The HTTP header name 'host' is not valid. Use a host-header condition instead")
  assertValues(Values, field, PRINTABLE)
  return { HttpHeaderName: name, Values }
}

function parseQuery({ QueryStringConfig: config, Field: field = '' }: RuleCondition) {
  const Values = config?.Values ?? []
  assertValues(
    Values.map(({ Value = '' }) => Value),
    field,
    PRINTABLE,
  )
  if (Values.some(({ Key }) => Key !== undefined && (Key.length < 1 || Key.length > LONGEST_VALUE)))
    throw validation(`A query string key must have from 1 to ${LONGEST_VALUE} characters`)
  return Values
}

function parseSources({ SourceIpConfig: config }: RuleCondition): string[] {
  const { Values = [], IpAddressType: type } = config ?? {}
  if (type !== undefined) throw validation('An IP address type is not valid with application load balancers')
  if (!Values.length) throw validation('A condition value must be specified')
  const bad = Values.find((value) => !ipaddr.isValidCIDR(value))
  if (bad !== undefined) throw validation(`The source IP '${bad}' is not a valid CIDR block`)
  return Values
}
