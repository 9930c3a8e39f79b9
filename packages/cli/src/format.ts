/** Values as people read them in a terminal. */
import { shortDigest } from '@capstan/core/image.ts'
import Table from 'cli-table3'

/** A table without lines: columns as wide as needed, two spaces between them, as `kubectl` and `docker` print theirs. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const table = new Table({
    head: [...head],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: { ...NO_LINES },
  })
  table.push(...rows.map((row) => [...row]))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

const NO_LINES = Object.fromEntries(
  ['top', 'bottom', 'mid', 'left', 'right', 'middle'].flatMap((side) =>
    ['', '-mid', '-left', '-right'].map((part) => [`${side}${part}`, '']),
  ),
)

const UNITS: readonly [number, string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
]

/** How long before `now` (both in milliseconds) something was: `12s`, `5m`, `3h`, `2d`. */
export function formatAge(at: number, now: number): string {
  const elapsed = Math.max(now - at, 0)
  const [size, unit] = UNITS.find(([limit]) => elapsed >= limit) ?? [1000, 's']
  return `${Math.floor(elapsed / size)}${unit}`
}

/** `repository:tag` with the short digest, or the digest alone where there is no tag. */
export function formatImage(image: { repository: string; digest: string; tag?: string }): string {
  const digest = shortDigest(image.digest)
  return image.tag ? `${image.repository}:${image.tag} (${digest})` : `${image.repository}@${digest}`
}
