import { isIPv4 } from 'node:net'
import { canonical } from '../../lib/address.ts'

/** Whether only this machine is meant: 127.0.0.0/8, ::1, or localhost. */
export const isLoopback = (host: string): boolean => {
  const bare = host.replace(/^\[(.*)\]$/, '$1').toLowerCase()
  return (isIPv4(bare) && bare.startsWith('127.')) || canonical(bare) === '::1' || bare === 'localhost'
}
