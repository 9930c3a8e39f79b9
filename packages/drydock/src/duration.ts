/** Durations as people write them: `30s`, `10m`, `1.5h`. */
import ms from 'ms'

/** Milliseconds of `text`. Throws on what is not a duration. */
export function parseDuration(text: string): number {
  const parsed = ms(text as ms.StringValue)
  if (typeof parsed !== 'number' || !Number.isFinite(parsed) || parsed < 0) {
    throw new TypeError(
      `'${text}' is not a duration; write a number and a unit, such as 500ms, 30s, 10m or 2h`,
    )
  }
  return parsed
}
