/** Which tags are versions: major.minor.patch and nothing less, so that neither `1.2`, a commit nor a date is one. */
import type SemVer from 'semver/classes/semver.js'
import parse from 'semver/functions/parse.js'

export type { SemVer }

// Docker tags cannot hold `+`, so `_` stands for it before build metadata, as Helm does for charts in registries.
const VERSION = /^v?[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]+)?(?:_[0-9A-Za-z.-]+)?$/

/** The version that a tag names by Semantic Versioning 2.0.0, with or without a leading `v`. */
export function parseVersion(tag: string): SemVer | undefined {
  if (!VERSION.test(tag)) return undefined
  return parse(tag.replace('_', '+')) ?? undefined
}
