/** What the attributes of an instance may hold, and which its service needs (API Reference: RegisterInstance). */
import { isIPv4, isIPv6 } from 'node:net'
import { CustomHealthStatus } from '@aws-sdk/client-servicediscovery'
import { invalid, notImplemented } from './errors.ts'
import { requireOneOf } from './rules.ts'
import type { ServiceRecord } from './state.ts'

const MOST_CUSTOM = 30
const MOST_CHARACTERS = 5_000
const KEY = /^[!-~]{1,255}$/
const VALUE = /^([!-~]([ \t!-~]*[!-~])?)?$/
const LONGEST_VALUE = 1024
const DOMAIN =
  /^(?=.{1,253}\.?$)[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?)*\.?$/

type Attributes = Readonly<Record<string, string>>

/** What each of Cloud Map's own attributes must look like. */
const FORMS: Readonly<Record<string, (value: string) => boolean>> = {
  AWS_INSTANCE_IPV4: isIPv4,
  AWS_INSTANCE_IPV6: isIPv6,
  AWS_INSTANCE_PORT: (value) => /^\d{1,5}$/.test(value) && Number(value) <= 65_535,
  AWS_INSTANCE_CNAME: (value) => DOMAIN.test(value),
  AWS_ALIAS_DNS_NAME: (value) => DOMAIN.test(value),
}

/** Throws InvalidInput for attributes that an instance of the service cannot have, or lacks. */
export function requireAttributes(attributes: Attributes, service: ServiceRecord): void {
  requireSizes(attributes)
  if ('AWS_EC2_INSTANCE_ID' in attributes) throw notImplemented('An instance by AWS_EC2_INSTANCE_ID')
  for (const [name, isRight] of Object.entries(FORMS)) {
    const value = attributes[name]
    if (value !== undefined && !isRight(value)) throw invalid(`The value '${value}' of ${name} is not valid.`)
  }
  requireOneOf('AWS_INIT_HEALTH_STATUS', attributes.AWS_INIT_HEALTH_STATUS, CustomHealthStatus)
  if (attributes.AWS_INIT_HEALTH_STATUS !== undefined && !service.hasCustomHealth)
    throw invalid('AWS_INIT_HEALTH_STATUS needs a service with HealthCheckCustomConfig.')
  if (attributes.AWS_ALIAS_DNS_NAME === undefined) requireAddress(attributes, service)
  else requireAlias(attributes, service)
}

function requireSizes(attributes: Attributes): void {
  const entries = Object.entries(attributes)
  const wrong = entries.find(
    ([key, value]) => !KEY.test(key) || value.length > LONGEST_VALUE || !VALUE.test(value),
  )
  if (wrong) throw invalid(`The attribute '${wrong[0]}' is not valid.`)
  const custom = entries.filter(([key]) => !key.startsWith('AWS_'))
  if (custom.length > MOST_CUSTOM)
    throw invalid(`An instance can have at most ${MOST_CUSTOM} custom attributes.`)
  if (entries.flat().join('').length > MOST_CHARACTERS)
    throw invalid(`The attributes of an instance can have at most ${MOST_CHARACTERS} characters.`)
}

/** The attributes that the records of the service are made of. */
function requireAddress(attributes: Attributes, { dns }: ServiceRecord): void {
  const types = dns?.records.map(({ type }) => type) ?? []
  const has = (name: string) => attributes[name] !== undefined
  const need = (name: string, isMet = has(name)) => {
    if (!isMet) throw invalid(`The service needs the attribute ${name}.`)
  }
  if (types.includes('A')) need('AWS_INSTANCE_IPV4')
  if (types.includes('AAAA')) need('AWS_INSTANCE_IPV6')
  if (types.includes('CNAME')) need('AWS_INSTANCE_CNAME')
  if (types.includes('SRV')) {
    need('AWS_INSTANCE_PORT')
    need('AWS_INSTANCE_IPV4', has('AWS_INSTANCE_IPV4') || has('AWS_INSTANCE_IPV6'))
  }
}

function requireAlias(attributes: Attributes, { dns }: ServiceRecord): void {
  const isAddress = dns?.records.some(({ type }) => type === 'A' || type === 'AAAA')
  if (!isAddress || dns?.routingPolicy !== 'WEIGHTED')
    throw invalid(
      'AWS_ALIAS_DNS_NAME needs a service with A or AAAA records and the routing policy WEIGHTED.',
    )
  if (Object.keys(attributes).some((key) => key.startsWith('AWS_INSTANCE_')))
    throw invalid('AWS_ALIAS_DNS_NAME cannot be used with any AWS_INSTANCE attribute.')
}
