/** "02:00:5e:10:00:01" as bytes. */
export const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(':', ''), 'hex')

/** A domain name in wire form: labels with their lengths; a dot at its end makes it whole (the root's label). */
export const wireName = (name: string): Buffer => {
  const labels = name.split('.').filter(label => label !== '')
  const parts = labels.map(label => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]))
  return Buffer.concat([...parts, ...(name.endsWith('.') ? [Buffer.of(0)] : [])])
}
