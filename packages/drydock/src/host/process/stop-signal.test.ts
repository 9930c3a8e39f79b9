import { expect, test } from 'vitest'
import { stopSignalOf } from './stop-signal.ts'

test.each([
  [undefined, 'SIGTERM'],
  ['SIGQUIT', 'SIGQUIT'],
  ['QUIT', 'SIGQUIT'],
  ['3', 'SIGQUIT'],
  ['SIGRTMIN+3', 'SIGTERM'],
  ['0', 'SIGTERM'],
  ['', 'SIGTERM'],
])('an image whose STOPSIGNAL is %j is stopped by %s', (text, signal) => {
  expect(stopSignalOf(text)).toBe(signal)
})
