/** Names between the two forms that they have: of packets, and of zones. */

const PLAIN = /^[a-z0-9_.-]+$/

/** A packet's name in the form of zones. */
export function zoneForm(name: string): string {
  if (name === '.' || name === '') return '.'
  const lower = name.toLowerCase()
  if (PLAIN.test(lower)) return `${lower}.`
  const octets = [...lower].map((each) =>
    PLAIN.test(each) ? each : `\\${(each.codePointAt(0) ?? 0).toString(8).padStart(3, '0')}`,
  )
  return `${octets.join('')}.`
}

/** A zone's name in the form of packets. */
export function packetForm(name: string): string {
  if (name === '.') return '.'
  const bare = name.slice(0, -1)
  return bare.includes('\\')
    ? bare.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
    : bare
}

/** The name one label up; undefined for the root. */
export function parentOf(name: string): string | undefined {
  if (name === '.') return undefined
  const dot = name.indexOf('.')
  return dot === name.length - 1 ? '.' : name.slice(dot + 1)
}
