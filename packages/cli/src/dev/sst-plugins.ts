/**
 * The plugin of the bundler inside sst: `nodejs.plugins` of stacks/bundling.ts names this file, and sst starts it beside each
 * build and asks it for every file. What it answers is JavaScript; for a file that it leaves as it is, nothing.
 */
import { readFile } from 'node:fs/promises'
import { LEAN_FILES } from './lean-files.ts'

/** As much of a build as sst offers to a plugin. */
interface Builder {
  onLoad(
    options: { readonly filter: RegExp },
    load: (file: { readonly path: string }) => Promise<{ readonly contents: string } | undefined>,
  ): void
}

export default [
  {
    name: 'lean-files',
    setup(builder: Builder) {
      // sst 4.17 does not hold its own filter against the path, so this one lets all through.
      builder.onLoad({ filter: /./ }, async ({ path }) => {
        const file = LEAN_FILES.find(({ filter }) => filter.test(path))
        return file && { contents: file.lean(await readFile(path, 'utf8')) }
      })
    },
  },
]
