/** How sst bundles a door: with the settings of `capstan dev` (packages/cli/src/dev/bundle.ts), which says why for each. */

export const BUNDLING = {
  minify: true,
  esbuild: { mainFields: ['module', 'main'], keepNames: false },
} satisfies sst.aws.FunctionArgs['nodejs']
