/** Bundles a door for Lambda: one file with all that it imports, zipped. The same options serve a deployment to AWS. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { zipSync } from 'fflate'

/** A function's code as CreateFunction takes it. */
export interface Bundle {
  /** The door's file name without its ending: `image-pushed`. */
  readonly name: string
  /** Lambda's handler setting: file and export. */
  readonly handler: string
  readonly zip: Uint8Array
}

/**
 * A function's environment always has credentials, so it never reaches these providers; each sits behind an import().
 * Leaving them out makes a bundle 140 KB smaller.
 */
const NEVER_REACHED = [
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-web-identity',
  '@aws-sdk/credential-provider-login',
  '@aws-sdk/credential-provider-http',
  '@smithy/credential-provider-imds',
]

/** Some CommonJS packages in the bundle still call require, which an ES module does not have. */
const REQUIRE =
  "import { createRequire as $require } from 'node:module'; const require = $require(import.meta.url);"

/**
 * Bundles `entries` (files of functions/) with the fleet's settings taken from `configFile`.
 * Throws esbuild's error, which names file and line, where a file cannot be bundled.
 */
export async function bundleFunctions(entries: readonly string[], configFile: string): Promise<Bundle[]> {
  const { outputFiles } = await build({
    entryPoints: [...entries],
    outdir: '/',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    write: false,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    // The SDK's clients name their CommonJS build first, of which nothing can be left out.
    mainFields: ['module', 'main'],
    minify: true,
    keepNames: true,
    external: NEVER_REACHED,
    banner: { js: REQUIRE },
    plugins: [settingsFrom(configFile), versionsAlone()],
    logLevel: 'silent',
  })
  return outputFiles.map(({ path, contents }) => {
    const file = basename(path)
    const name = basename(path, '.mjs')
    return {
      name,
      handler: `${name}.handler`,
      zip: zipSync({ [file]: contents }, { level: 1, mtime: '1980-01-01' }),
    }
  })
}

/** The doors import the settings of this checkout; a user's own file takes their place. */
function settingsFrom(configFile: string): Plugin {
  return {
    name: 'settings',
    setup(builder) {
      builder.onResolve({ filter: /(^|\/)capstan\.config\.ts$/ }, () => ({ path: configFile }))
    },
  }
}

/** Of its package.json an SDK client wants its version; the rest would be another 15 kB. */
function versionsAlone(): Plugin {
  return {
    name: 'versions-alone',
    setup(builder) {
      builder.onLoad({ filter: /[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
        const { version } = JSON.parse(await readFile(path, 'utf8')) as { version?: unknown }
        return { contents: JSON.stringify({ version }), loader: 'json' }
      })
    },
  }
}
