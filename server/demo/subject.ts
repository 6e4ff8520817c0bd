import { canonical } from '../../lib/address.ts'

const LABELS4 = 4

/** The address of a reverse name. */
export const addressOf = (reverse: string): string => {
  const labels = reverse.split('.')
  if (reverse.endsWith('.in-addr.arpa')) return labels.slice(0, LABELS4).reverse().join('.')
  const nibbles = labels.slice(0, -2).reverse().join('')
  return canonical(nibbles.match(/.{4}/g)!.join(':'))!
}

interface RecordName {
  name: string | null
  type: string | null
  value: string | null
}

/** How a person calls a record: by its name, and a PTR by its address. */
export const subjectOf = ({ name, type, value }: RecordName): string =>
  (type === 'PTR' && name ? addressOf(name) : name) ?? value ?? ''
