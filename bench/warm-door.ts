/**
 * A door in a process of its own, as Lambda has it: handles each event that comes, and answers with the processor time (µs) of it,
 * without that of the kernel, which is the network's.
 */
const [, , file = ''] = process.argv
const { handler }: { handler: (event: unknown, context: unknown) => Promise<unknown> } = await import(file)

const context = { functionName: 'image-pushed', awsRequestId: '1', getRemainingTimeInMillis: () => 30_000 }

process.on('message', async ({ event, now }: { event: unknown; now: number }) => {
  // The engine's time, in which its deployments complete at once.
  Date.now = () => now
  const before = process.cpuUsage()
  await handler(event, context)
  process.send?.(process.cpuUsage(before).user)
})
process.send?.('ready')
