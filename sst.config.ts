/// <reference path="./.sst/platform/config.d.ts" />
/** Capstan in an account of AWS: `npx sst deploy --stage production`. docs/deploy.md says what that needs and makes. */

export default $config({
  app(input) {
    const isProduction = input.stage === 'production'
    return {
      name: 'capstan',
      home: 'aws',
      // What is learnt about services outlives a removal by mistake.
      removal: isProduction ? 'retain' : 'remove',
      protect: isProduction,
      providers: { aws: { version: '7.20.0' } },
    }
  },
  async run() {
    // sst takes no imports above, since it reads this file for `app` alone as well.
    const { refuseWrongConfig } = await import('./stacks/config.ts')
    refuseWrongConfig()
    const { configuredPlaces, spokeOf } = await import('./stacks/places.ts')
    const places = configuredPlaces()
    const spoke = spokeOf($app.name, $app.stage, places, process.env.CAPSTAN_HUB_BUS)
    if (spoke) return (await import('./stacks/spoke.ts')).createSpoke(spoke)
    return (await import('./stacks/home.ts')).createHome(places)
  },
})
