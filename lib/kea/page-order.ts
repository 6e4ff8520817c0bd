import { toBytes } from '../address.ts'

interface Point {
  text: string
  bytes: Uint8Array
}

type IsAfter = (point: Point, last: Point) => boolean

const byNumber: IsAfter = (point, last) => Buffer.compare(point.bytes, last.bytes) > 0
const byText: IsAfter = (point, last) => point.text > last.text

/**
 * Watches that a listing goes forward: every address comes after the one before it, in the order of numbers (memfile)
 * or of texts (IPv6 in the databases of older Keas). What goes forward never comes twice. False once it does not.
 */
export const forward = (): ((address: string) => boolean) => {
  let orders: IsAfter[] = [byNumber, byText]
  let last: Point | null = null
  return address => {
    const point = { text: address, bytes: toBytes(address)! }
    const before = last
    last = point
    if (before !== null) orders = orders.filter(isAfter => isAfter(point, before))
    return orders.length > 0
  }
}
