/** The tags that a request brings, as condition keys: `aws:RequestTag/<key>` and `aws:TagKeys` (IAM User Guide, global condition keys). */
import { isRecord } from '../../json.ts'

/** Tags of every form that the services have: lists of keys with values, or records of them; and keys of tags to be taken away. */
export function tagKeysOf(input: unknown): Map<string, string[]> {
  if (!isRecord(input)) return new Map()
  const tags = tagsIn(input.tags ?? input.Tags ?? input.AddTags)
  const removed = [input.tagKeys, input.TagKeys, input.RemoveTagKeys]
    .flat()
    .filter((key) => typeof key === 'string')
  const keys = [...tags.map(([key]) => key), ...removed]
  const context = new Map(tags.map(([key, value]) => [`aws:requesttag/${key.toLowerCase()}`, [value]]))
  return keys.length ? context.set('aws:tagkeys', keys) : context
}

function tagsIn(tags: unknown): [string, string][] {
  if (isRecord(tags)) return Object.entries(tags).map(([key, value]) => [key, String(value)])
  if (!Array.isArray(tags)) return []
  return tags
    .filter(isRecord)
    .map((tag) => [String(tag.key ?? tag.Key), String(tag.value ?? tag.Value ?? '')])
}
