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
    const { createLedger } = await import('./stacks/ledger.ts')
    const { createQueues } = await import('./stacks/queues.ts')
    const { createDoors } = await import('./stacks/doors.ts')
    const { createTriggers } = await import('./stacks/triggers.ts')
    const { createAlarms } = await import('./stacks/alarms.ts')
    const { createDashboard } = await import('./stacks/dashboard.ts')

    const ledger = createLedger()
    const queues = createQueues()
    const doors = createDoors(ledger, queues)
    createTriggers(doors, queues)
    const topic = createAlarms(doors, queues)
    createDashboard(doors, queues)
    return {
      CAPSTAN_LEDGER_TABLE: ledger.name,
      CAPSTAN_DISCOVERY_QUEUE_URL: queues.discovery.url,
      CAPSTAN_DEAD_LETTER_QUEUE_URL: queues.deadLetters.url,
      alarms: topic.arn,
    }
  },
})
