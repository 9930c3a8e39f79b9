/** Tags of roles and policies. */
import { MOST_TAGS, problemOfTag } from '../resource-tags.ts'
import { invalid, invalidInput, limitExceeded } from './errors.ts'

interface TagInput {
  readonly Key: string | undefined
  readonly Value: string | undefined
}

/** The tags of a request as a record. Throws InvalidInput for a key that comes twice, and ValidationError for what may be in none. */
export function readTags(tags: readonly TagInput[] = []): Record<string, string> {
  const record: Record<string, string> = {}
  for (const [index, { Key: key = '', Value: value = '' }] of tags.entries()) {
    const problem = problemOfTag(key, value)
    if (problem === 'reserved')
      throw invalidInput('Invalid tag key: System tags cannot be added/updated by requester')
    if (problem)
      throw invalid(
        `tags.${index + 1}.member.${problem}`,
        problem === 'key' ? key : value,
        'Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*',
      )
    if (Object.keys(record).some((known) => known.toLowerCase() === key.toLowerCase()))
      throw invalidInput('Duplicate tag keys found. Please note that Tag keys are case insensitive.')
    record[key] = value
  }
  return record
}

/** Tags with others added or changed. Throws LimitExceeded. */
export function withTags(old: Record<string, string>, added: Record<string, string>): Record<string, string> {
  const tags = { ...old, ...added }
  if (Object.keys(tags).length > MOST_TAGS)
    throw limitExceeded(`The number of tags has reached the maximum limit. Maximum: ${MOST_TAGS}.`)
  return tags
}

export const shownTags = (tags: Record<string, string>) =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))
