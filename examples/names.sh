#!/bin/sh
# With curl: reports a lease, waits until its name is in DNS, pins it, and lists what is pinned.
#
#   LEASEHOLD_URL=http://127.0.0.1:8053 LEASEHOLD_TOKEN=... sh names.sh
set -eu
url=${LEASEHOLD_URL:-http://127.0.0.1:8053}

# The token goes by a descriptor: a command line can be read by every user of the machine.
ask() {
  path=$1
  shift
  curl --silent --show-error --fail-with-body --header @/dev/fd/3 "$@" "$url$path" 3<<END
${LEASEHOLD_TOKEN:+authorization: Bearer $LEASEHOLD_TOKEN}
END
}

ask /v1/events --header 'content-type: application/json' --data '{
  "event": "committed", "ip-address": "10.1.0.20", "hw-address": "02:00:5e:10:00:01",
  "cltt": '"$(date +%s)"', "valid-lft": 3600, "subnet-id": 1, "hostname": "laptop" }' >/dev/null

until ask '/v1/names?q=laptop&phase=published' | grep -q '"total":1'; do sleep 0.1; done
name=$(ask '/v1/names?q=laptop' | sed -n 's/^{"items":\[{"name":"\([^"]*\)".*/\1/p')

ask "/v1/names/$name/pin" --header 'content-type: application/json' --data '{"why": "the desk at the window"}' >/dev/null
ask '/v1/names?intent=pin'
