/** How sst bundles a door: with the settings of `capstan dev` (packages/cli/src/dev/bundle.ts), which says why for each. */

export const BUNDLING = {
  minify: true,
  // What is left out of the SDK's files; sst offers it to its own components alone so far, and a test holds it.
  plugins: 'packages/cli/src/dev/sst-plugins.ts',
  esbuild: {
    mainFields: ['module', 'main'],
    keepNames: false,
    external: [
      '@aws-sdk/credential-provider-ini',
      '@aws-sdk/credential-provider-sso',
      '@aws-sdk/credential-provider-process',
      '@aws-sdk/credential-provider-web-identity',
      '@aws-sdk/credential-provider-login',
      '@aws-sdk/credential-provider-http',
      '@smithy/credential-provider-imds',
      '@smithy/core/event-streams',
    ],
  },
} satisfies sst.aws.FunctionArgs['nodejs']
