/*
 * What a server's answer to an UPDATE means, and in which words it is told.
 *
 * An rcode says less than its name: servers use the same one for different reasons, and one reason has another rcode
 * at another server. So each text names what was seen, then the causes that were found behind it on real servers.
 */
import type { Fault } from '../rr.ts'
import { TSIG_ERROR, type TsigCheck } from './tsig.ts'

/**
 * What an answer to an UPDATE means: `yes`, it was made; `prerequisite`, the zone is not as the attempt requires;
 * `refused`, nothing was made, and will not be; `unreachable`, nothing was learnt and another server may know.
 */
export type Meaning = 'yes' | 'prerequisite' | 'refused' | 'unreachable'

export interface UpdateAnswer {
  meaning: Meaning
  /** `change`: one change of the message may be at fault, and the others may pass without it. `lane`: none would. */
  fault: Fault
  /** What the server said, for a person. */
  text: string
  /** The message had gone out before, without an answer: a prerequisite may fail for what it did itself. */
  perhapsMade?: true
}

/** What came back for one message; `tsig` is null when messages go unsigned. */
interface ServerReply {
  rcode: number
  tsig: TsigCheck | null
}

/** Or nothing came, or nothing that can be read: `noReply` says so, as a sentence without its subject. */
export type Reply = ServerReply | { noReply: string }

type Rcode = [name: string, meaning: Meaning, fault: Fault, causes: string]

/** RFC 2136 §2.2, §4.5, §4.6. */
const RCODES: Record<number, Rcode> = {
  0: ['NOERROR', 'yes', 'lane', ''],
  1: ['FORMERR', 'refused', 'change', 'it does not understand the message, or does not know one of its types'],
  2: [
    'SERVFAIL',
    'unreachable',
    'change',
    'it failed: its log says why; often it cannot write the zone or its journal',
  ],
  3: ['NXDOMAIN', 'prerequisite', 'change', 'a name that must exist does not'],
  4: [
    'NOTIMP',
    'unreachable',
    'lane',
    'it takes no updates, or none of these types: Samba, for one, knows no DHCID, and needs the marker "txt" or "none"',
  ],
  5: [
    'REFUSED',
    'refused',
    'change',
    'its policy or ACL forbids this update, or updates are switched off, or the zone is frozen',
  ],
  6: ['YXDOMAIN', 'prerequisite', 'change', 'the name is in use'],
  7: ['YXRRSET', 'prerequisite', 'change', 'an RRset that must not exist does'],
  8: ['NXRRSET', 'prerequisite', 'change', 'an RRset is not what it was when it was written'],
  9: [
    'NOTAUTH',
    'refused',
    'lane',
    'it is not the primary of this zone: it has no such zone, or is a secondary of it, or the key may not update it',
  ],
  10: ['NOTZONE', 'refused', 'change', 'a name is not within the zone'],
}

/** RFC 8945 §3. */
const TSIG_ERRORS: Record<number, string> = {
  [TSIG_ERROR.BADSIG]: 'BADSIG (the key has another secret there)',
  [TSIG_ERROR.BADKEY]:
    'BADKEY (it does not know the key, or knows it with another algorithm, or its ACL does not let this key update this zone, as Knot says it)',
  [TSIG_ERROR.BADTIME]: 'BADTIME (the clocks differ too much)',
  [TSIG_ERROR.BADTRUNC]: 'BADTRUNC (it wants a longer signature)',
}

/** What was found behind answers that came unsigned. */
const UNSIGNED = ' (so PowerDNS answers where it does not take the key, and Knot where it does not have the zone)'

/** The name of an RCODE, such as `REFUSED`. */
export const rcodeName = (rcode: number): string => RCODES[rcode]?.[0] ?? `RCODE ${rcode}`

const skewed = (skew: number | null): string =>
  skew === null ? '' : `: its clock is ${Math.abs(skew)} s ${skew < 0 ? 'behind' : 'ahead of'} ours`

const answered = (rcode: number): UpdateAnswer => {
  const [name, meaning, fault, causes] = RCODES[rcode] ?? [rcodeName(rcode), 'unreachable', 'change', '']
  return { meaning, fault, text: causes === '' ? name : `${name} (${causes})` }
}

const judge = ({ rcode, tsig }: ServerReply): UpdateAnswer => {
  if (tsig?.kind === 'untrue') {
    const text = `${answered(rcode).text}, which is not believed: ${tsig.why}${tsig.isUnsigned && rcode !== 0 ? UNSIGNED : ''}`
    return { meaning: 'unreachable', fault: 'lane', text }
  }
  if (tsig?.kind === 'error') {
    const text = (TSIG_ERRORS[tsig.error] ?? `TSIG error ${tsig.error}`) + skewed(tsig.skew)
    return { meaning: 'refused', fault: 'lane', text }
  }
  return answered(rcode)
}

/** The one place where what `server` said becomes what it means. */
export const updateAnswerOf = (server: string, reply: Reply): UpdateAnswer => {
  if ('noReply' in reply) return { meaning: 'unreachable', fault: 'lane', text: `${server} ${reply.noReply}` }
  const answer = judge(reply)
  return { ...answer, text: `${server} says ${answer.text}` }
}
