/** Which signal asks a container's program to end. */
import { constants } from 'node:os'

/**
 * An image's STOPSIGNAL: a name with or without SIG, or a number (Dockerfile reference). SIGTERM where there is none
 * or where Node cannot send it, as with real-time signals.
 */
export function stopSignalOf(text = 'SIGTERM'): NodeJS.Signals {
  const name = text.startsWith('SIG') ? text : `SIG${text}`
  const signals = Object.entries(constants.signals)
  const found = signals.find(([known, number]) => known === name || String(number) === text)
  return found && isSignal(found[0]) ? found[0] : 'SIGTERM'
}

const isSignal = (name: string): name is NodeJS.Signals => Object.hasOwn(constants.signals, name)
