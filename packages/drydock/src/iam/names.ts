/** Names, paths and pages of IAM's requests, checked as its API Reference says. */
import { pageOf } from '../page.ts'
import { invalid, invalidInput } from './errors.ts'

const NAME = /^[\w+=,.@-]+$/
const PATH = /^(\/|\/[!-~]+\/)$/

/** Throws unless `name` is of the form of names, and no longer than that. */
export function requireName(member: string, name: string | undefined, longest: number): string {
  if (name === undefined || name.length < 1)
    throw invalid(member, name, 'Member must have length greater than or equal to 1')
  if (name.length > longest)
    throw invalid(member, name, `Member must have length less than or equal to ${longest}`)
  if (!NAME.test(name))
    throw invalid(member, name, 'Member must satisfy regular expression pattern: [\\w+=,.@-]+')
  return name
}

export const requireRoleName = (name: string | undefined) => requireName('roleName', name, 64)
export const requirePolicyName = (name: string | undefined) => requireName('policyName', name, 128)

/** A path; `/` where none is given. */
export function requirePath(path: string | undefined): string {
  if (path !== undefined && (!PATH.test(path) || path.length > 512))
    throw invalid(
      'path',
      path,
      'Member must satisfy regular expression pattern: (\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)',
    )
  return path ?? '/'
}

/** A policy document as answers carry it: percent-encoded (API Reference, GetRolePolicy: "URL-encoded compliant with RFC 3986"). */
export const encoded = (document: string): string =>
  encodeURIComponent(document).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  )

interface PageInput {
  readonly Marker?: string | undefined
  readonly MaxItems?: number | undefined
}

/** One page of a list, with what every one of IAM's lists says of it. */
export function listPage<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { Marker, MaxItems }: PageInput,
) {
  if (MaxItems !== undefined && (MaxItems < 1 || MaxItems > 1000)) {
    const bound = MaxItems < 1 ? 'greater than or equal to 1' : 'less than or equal to 1000'
    throw invalid('maxItems', MaxItems, `Member must have value ${bound}`)
  }
  const page = pageOf(items, keyOf, {
    size: MaxItems ?? 100,
    token: Marker,
    badToken: () => invalidInput('Invalid Marker.'),
  })
  return {
    items: page.items,
    page: {
      IsTruncated: page.nextToken !== undefined,
      ...(page.nextToken !== undefined && { Marker: page.nextToken }),
    },
  }
}
