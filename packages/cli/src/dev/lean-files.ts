/** Files of the SDK that a bundle needs only in part, and how to leave the rest out. Whoever bundles a door reads them so. */

interface LeanFile {
  /** The files' paths. */
  readonly filter: RegExp
  /** The JavaScript that takes the place of a file's text. Throws a SyntaxError where JSON was meant and is none. */
  readonly lean: (text: string) => string
}

export const LEAN_FILES: readonly LeanFile[] = [
  {
    filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/,
    lean: versionAlone,
  },
  {
    filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/,
    lean: withPlainKeys,
  },
]

/** Of its package.json an SDK client wants its version; the rest would be another 15 kB. */
function versionAlone(text: string): string {
  const { version } = JSON.parse(text) as { version?: unknown }
  return `export const version = ${JSON.stringify(version)}; export default { version }`
}

/**
 * A client's schemas are one file, of which what no operation needs can be left out, unless a key in it is computed: its
 * names are constants, so they are written out. `const _xN = "xmlName"`, and later `{ [_xN]: …`: as `{ "xmlName": …`.
 * EC2's client has 550 kB without this, and 9 kB with it.
 */
function withPlainKeys(text: string): string {
  const names = new Map(
    text
      .matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)
      .map(([, name = '', value = '']) => [name, value] as const),
  )
  return text.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => {
    const value = names.get(name)
    return value === undefined ? key : `${value}:`
  })
}
