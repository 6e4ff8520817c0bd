import t from 'tap'
import { keyOfFile } from '../../../lib/dns/key-file.ts'

const KEY = { name: 'leasehold', algorithm: 'hmac-sha256', secret: 'c2VjcmV0' }

const good = {
  'as tsig-keygen writes it': 'key "leasehold" {\n\talgorithm hmac-sha256;\n\tsecret "c2VjcmV0";\n};\n',
  'the other way round, without quotes': 'key leasehold { secret c2VjcmV0; algorithm hmac-sha256; };',
  'with comments': '# a\n// b\n/* c\n; */ key "leasehold" { algorithm hmac-sha256; /* d */ secret "c2VjcmV0"; };',
}

t.test('a key file', async t => {
  for (const [what, text] of Object.entries(good)) t.strictSame(keyOfFile(text), KEY, what)
})

t.test('what is none, or has not one key, is none', async t => {
  const [one] = Object.values(good) as [string]
  for (const text of ['', 'c2VjcmV0', one + one, one.replace('secret', 'sekret'), one.replace('};', ''), `${one} x`]) {
    t.equal(keyOfFile(text), null, text)
  }
})
