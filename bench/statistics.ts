/** The smallest value that a share of all does not exceed, to two digits. */
export const percentile = (values: number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = Math.max(0, Math.ceil(sorted.length * share) - 1)
  return Number(sorted[at]!.toFixed(2))
}

export const median = (values: number[]): number => percentile(values, 0.5)

export const ratio = (one: number, other: number): number => Number((one / other).toFixed(2))
