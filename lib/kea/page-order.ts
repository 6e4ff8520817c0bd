import { toBytes } from '../address.ts'

type After = (address: string, last: string) => boolean

const byNumber: After = (address, last) => Buffer.compare(toBytes(address)!, toBytes(last)!) > 0
const byText: After = (address, last) => address > last

/**
 * Watches that a listing goes forward: every address comes after the one before it, in the order of numbers (memfile)
 * or of texts (IPv6 in the databases of older Keas). What goes forward never comes twice. False once it does not.
 */
export const forward = (): ((address: string) => boolean) => {
  let orders: After[] = [byNumber, byText]
  let last: string | null = null
  return address => {
    const before = last
    last = address
    if (before !== null) orders = orders.filter(isAfter => isAfter(address, before))
    return orders.length > 0
  }
}
