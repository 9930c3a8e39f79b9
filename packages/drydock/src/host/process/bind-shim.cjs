/**
 * Loaded into every Node program of a task before the program itself. All tasks share one network, so a server that
 * would listen at all addresses listens at its task's own; any other address is left alone. CommonJS, because only
 * that can be preloaded by every Node version. Must not depend on anything but Node.
 */
'use strict'

const net = require('node:net')

const address = process.env.DRYDOCK_ADDRESS
/** Declared ports that are moved, where tasks have no address of their own: `8080:49152,…`. */
const moved = new Map((process.env.DRYDOCK_PORTS || '').split(',').map((pair) => pair.split(':')))
const wildcards = new Set(['', '0.0.0.0', '::', '[::]', '0:0:0:0:0:0:0:0'])

if (address) {
  const { listen } = net.Server.prototype
  net.Server.prototype.listen = function listenAtTask(...args) {
    return listen.apply(this, rebound(args))
  }
}

/** The arguments of `listen` with the task's address where they mean all addresses; Node docs: server.listen(). */
function rebound(args) {
  const [first, ...rest] = args
  if (typeof first === 'object' && first !== null) {
    return 'port' in first ? [withAddress(first), ...rest] : args
  }
  // A string that is no number is the path of a socket file.
  if (typeof first === 'string' && !(Number(first) >= 0)) return args
  const positional = args.filter((arg) => typeof arg !== 'function')
  const callbacks = args.filter((arg) => typeof arg === 'function')
  return [withAddress(optionsOf(positional)), ...callbacks.slice(-1)]
}

/** `listen([port[, host[, backlog]]])`; host may be left out or empty. */
function optionsOf([port, ...rest]) {
  const host = typeof rest[0] === 'string' ? rest[0] : undefined
  const backlog = rest.map(Number).find((value) => value > 0)
  return { port: port ?? 0, ...(host && { host }), ...(backlog && { backlog }) }
}

function withAddress(options) {
  if (!wildcards.has(options.host ?? '')) return options
  const port = moved.get(String(options.port)) ?? options.port
  return { ...options, port, host: address, ipv6Only: false }
}
