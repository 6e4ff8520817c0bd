import t from 'tap'
import { Unanswered, unansweredFor } from '../../../server/control/transport.ts'

const coded = (code: string): Error => Object.assign(new Error('with a s3cret'), { code })

t.test('what kept an answer away', async t => {
  for (const [error, message] of [
    [new Unanswered('said so'), 'said so'],
    [coded('ECONNREFUSED'), 'refuses connections'],
    [coded('ENOTFOUND'), 'has a name that does not resolve'],
    [coded('EACCES'), 'has a socket that this program may not use'],
    [coded('CERT_HAS_EXPIRED'), 'shows a certificate that has expired'],
    [coded('HPE_INVALID_CONSTANT'), 'does not speak HTTP'],
    [coded('ENEW'), 'could not be asked (ENEW)'],
    [new TypeError('with a s3cret'), 'could not be asked (TypeError)'],
    ['s3cret', 'could not be asked (an error)'],
  ] as const) {
    t.match(unansweredFor(error), { name: 'Unanswered', message })
  }
})
