/** How an image is chosen among a repository's tags. */

export type Order = 'numeric' | 'alphabetical' | 'timestamp' | 'semver'

export type Policy =
  /** The highest version within the range. A short commit hash or a lone number is not a version. */
  | { readonly kind: 'semver'; readonly range: string; readonly prerelease: boolean }
  /** The highest of the tags that match, in the order told. */
  | { readonly kind: 'glob'; readonly pattern: string; readonly order: Order }
  /** `extract` names the group (a number or a name) whose text is ordered; the whole tag without it. */
  | { readonly kind: 'regex'; readonly pattern: string; readonly extract?: string; readonly order: Order }
  /** The image pushed last among the tags with this prefix. */
  | { readonly kind: 'newest'; readonly prefix: string }
  /** Whatever digest this one tag points to. */
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'off' }
