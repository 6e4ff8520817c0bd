/*
 * Who must have answered before absence proves anything.
 *
 * The invariant: who did not tell cannot testify. Two Keas can share a subnet, each with pools of its own; then only both
 * together know that an address has no lease. The two of a pair have the same leases, so one that serves is enough.
 *
 *     services that may have .7            complete            .7 is in no answer
 *     kea1                                 kea1                it is gone
 *     kea1, kea2 (disjoint pools)          kea1                nothing is known
 *     kea1, kea2 (a pair)                  kea1, which serves  it is gone
 *     kea1, kea2 (never told its subnets)  kea1                nothing is known
 */

/** What one service that may have an address said. `isComplete`: it serves, and told all that it has. */
export interface Witness {
  isPaired: boolean
  isComplete: boolean
}

/** True when these are all that may have an address, and an address that none of them told has no lease. */
export const areEnough = (witnesses: readonly Witness[]): boolean => {
  const paired = witnesses.filter(one => one.isPaired)
  const alone = witnesses.filter(one => !one.isPaired)
  return (
    witnesses.length > 0 &&
    alone.every(one => one.isComplete) &&
    (paired.length === 0 || paired.some(one => one.isComplete))
  )
}
