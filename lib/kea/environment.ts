import type { Variables } from '../../schemas/callout.ts'

const OURS =
  /^(?:LEASE4|LEASES4|DELETED_LEASES4|SUBNET4|LEASE6|LEASES6|DELETED_LEASES6|OLD_LEASE6|NEW_LEASE6|SUBNET6)_|^(?:QUERY[46]_TYPE|ADDRESS6|REMOVE_LEASE)$/

/**
 * The environment of a hook script as `env -0` prints it: NAME=value, each ended by a NUL. What tells of leases is kept;
 * PATH, PWD and the fields of the packet are not. Bytes that are no UTF-8 become U+FFFD. Never throws.
 */
export const parseEnvironment = (bytes: Uint8Array): Variables => {
  const variables: Variables = Object.create(null)
  for (const entry of new TextDecoder().decode(bytes).split('\0')) {
    const equals = entry.indexOf('=')
    const name = entry.slice(0, equals)
    if (equals > 0 && OURS.test(name)) variables[name] = entry.slice(equals + 1)
  }
  return variables
}
