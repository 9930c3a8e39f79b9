/**
 * Which images a repository's lifecycle policy takes away: now, or once more is pushed or time goes by. Source: Amazon
 * ECR user guide, "Automate the cleanup of images by using lifecycle policies", evaluation rules:
 *
 * - An image is expired by exactly one or zero rules, and never by a rule of lower priority than one that selects it.
 * - A rule counts images that a rule before it has marked, though it cannot mark them itself.
 * - All of a rule's patterns (or prefixes) have to be matched by some tag of the image.
 * - Images are taken by the time of their push, the oldest first.
 */
import * as z from 'zod/mini'
import { shortDigest } from './image.ts'
import type { ObservedImage } from './view.ts'

/** An image as far as a lifecycle policy looks at it. */
export interface KeptImage extends Pick<ObservedImage, 'digest' | 'tags' | 'pushedAt'> {
  /** When it was pulled last (ms); absent: never, then its push counts. */
  readonly pulledAt?: number
}

/** What is foreseen: so many more pushes of images with the newest one's tags, and so many more days. */
export interface Outlook {
  readonly now: number
  readonly pushes: number
  readonly days: number
}

/** An image that a rule takes away. */
export interface Threat {
  readonly digest: string
  /** Whether the rule selects it now, or only within the outlook. */
  readonly isNow: boolean
  readonly sentence: string
}

const DAY_MS = 86_400_000

const days = { countUnit: z.optional(z.string()), countNumber: z.number() }
const rule = z.object({
  rulePriority: z.number(),
  selection: z.object({
    tagStatus: z.enum(['tagged', 'untagged', 'any']),
    tagPrefixList: z._default(z.array(z.string()), []),
    tagPatternList: z._default(z.array(z.string()), []),
    countType: z.enum([
      'imageCountMoreThan',
      'sinceImagePushed',
      'sinceImagePulled',
      'sinceImageTransitioned',
    ]),
    ...days,
  }),
  action: z.object({ type: z.string() }),
})
const policy = z.object({ rules: z.array(rule) })

type Rule = z.infer<typeof rule>

/**
 * What the policy's text (of GetLifecyclePolicy) takes away of these digests. A text that cannot be read threatens
 * nothing: ECR checked it when it was put.
 */
export function lifecycleThreats(input: {
  readonly policy: string
  readonly repository: string
  readonly images: readonly KeptImage[]
  readonly digests: readonly string[]
  readonly outlook: Outlook
}): Threat[] {
  const rules = readRules(input.policy)
  const { images, outlook, repository } = input
  const now = taken(rules, images, outlook.now)
  const later = taken(rules, [...images, ...pushed(images, outlook)], outlook.now + outlook.days * DAY_MS)
  return input.digests.flatMap((digest) => {
    const found = now.get(digest) ?? later.get(digest)
    if (found === undefined) return []
    const isNow = now.has(digest)
    return [{ digest, isNow, sentence: sentenceOf({ digest, repository, rule: found, isNow, outlook }) }]
  })
}

function readRules(text: string): Rule[] {
  try {
    const read = policy.safeParse(JSON.parse(text))
    return read.success ? read.data.rules.toSorted((a, b) => a.rulePriority - b.rulePriority) : []
  } catch {
    return []
  }
}

/** The pushes that are foreseen: each takes the newest image's tags for a pattern of its own, the newest of all. */
function pushed(images: readonly KeptImage[], { now, pushes }: Outlook): KeptImage[] {
  const newest = images.toSorted((a, b) => b.pushedAt - a.pushedAt).find(({ tags }) => tags.length > 0)
  const tags = newest?.tags ?? ['latest']
  return Array.from({ length: pushes }, (_, index) => ({
    digest: `foreseen:${index}`,
    tags,
    pushedAt: now + index,
  }))
}

/** By which rule each image goes. Archiving counts as going: what is archived cannot be pulled. */
function taken(rules: readonly Rule[], images: readonly KeptImage[], now: number): Map<string, Rule> {
  const byAge = images.toSorted((a, b) => b.pushedAt - a.pushedAt)
  const gone = new Map<string, Rule>()
  const decided = new Set<string>()
  for (const each of rules) {
    const selected = byAge.filter((image) => selects(each, image))
    for (const image of marked(each, selected, now))
      if (!decided.has(image.digest)) gone.set(image.digest, each)
    for (const { digest } of selected) decided.add(digest)
  }
  return gone
}

function marked({ selection }: Rule, selected: readonly KeptImage[], now: number): readonly KeptImage[] {
  const { countType, countNumber } = selection
  const limit = now - countNumber * DAY_MS
  switch (countType) {
    case 'imageCountMoreThan':
      return selected.slice(countNumber)
    case 'sinceImagePushed':
      return selected.filter(({ pushedAt }) => pushedAt < limit)
    case 'sinceImagePulled':
      return selected.filter(({ pushedAt, pulledAt = pushedAt }) => pulledAt < limit)
    // It is about archived images, which could not be pulled before either.
    case 'sinceImageTransitioned':
      return []
  }
}

function selects({ selection }: Rule, { tags }: KeptImage): boolean {
  const { tagStatus, tagPrefixList, tagPatternList, countType } = selection
  if (countType === 'sinceImageTransitioned') return false
  if (tagStatus === 'any') return true
  if (tagStatus === 'untagged') return tags.length === 0
  const matchers = [
    ...tagPrefixList.map((prefix) => (tag: string) => tag.startsWith(prefix)),
    ...tagPatternList.map((pattern) => (tag: string) => matchesPattern(pattern, tag)),
  ]
  return tags.length > 0 && matchers.every((matches) => tags.some(matches))
}

/** `*` stands for any text; there is no other wildcard. Each part is found at its first place, so this ends soon. */
function matchesPattern(pattern: string, tag: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return tag === pattern
  if (!tag.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = tag.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return tag.length - last.length >= at && tag.endsWith(last)
}

function sentenceOf(input: {
  readonly digest: string
  readonly repository: string
  readonly rule: Rule
  readonly isNow: boolean
  readonly outlook: Outlook
}): string {
  const { digest, repository, isNow, outlook } = input
  const { rulePriority, action, selection } = input.rule
  const does = action.type === 'transition' ? 'archives' : 'deletes'
  const when = isNow
    ? 'with its next run'
    : selection.countType === 'imageCountMoreThan'
      ? `after at most ${outlook.pushes} more pushes`
      : `within ${outlook.days} days`
  return `Rule ${rulePriority} of the lifecycle policy of ${repository} ${does} the image ${shortDigest(digest)} ${when}; keep it by a tag that no rule selects, or by a higher countNumber.`
}
