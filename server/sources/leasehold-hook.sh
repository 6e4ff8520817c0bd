#!/bin/sh
# Hands each hook call of Kea's run_script library to Leasehold: the environment as it is, in one POST, and nothing else.
# It gives up after a bounded time and always ends with 0, silently: DHCP never waits for DNS.
#
# Kea's configuration (Kea 3 runs scripts only from /usr/share/kea/scripts):
#   { "library": "libdhcp_run_script.so", "parameters": { "name": "/usr/share/kea/scripts/leasehold-hook.sh", "sync": false } }
#
# Settings stand in leasehold-hook.conf beside this script, as shell assignments; without that file these hold:
LEASEHOLD_URL=http://127.0.0.1:8053
LEASEHOLD_TOKEN_FILE=     # holds a token of the role "callout", and must be readable for Kea's user
LEASEHOLD_CONNECT_TIMEOUT=1
LEASEHOLD_MAX_TIME=2      # seconds, for everything

exec </dev/null >/dev/null 2>&1
trap 'exit 0' EXIT HUP INT TERM

case ${1-} in '' | *[!a-z0-9_]*) exit 0 ;; esac
settings=${0%/*}/leasehold-hook.conf
[ -r "$settings" ] && . "$settings"

post() {
  env -0 | curl --disable --silent --noproxy '*' --output /dev/null \
    --connect-timeout "$LEASEHOLD_CONNECT_TIMEOUT" --max-time "$LEASEHOLD_MAX_TIME" \
    --header 'content-type: application/x-kea-environment' --header 'expect:' "$@" \
    --data-binary @- --url "${LEASEHOLD_URL%/}/v1/callouts/$point"
}

point=$1
if [ -r "$LEASEHOLD_TOKEN_FILE" ]; then
  # Through a descriptor: a command line or an environment could be read by others.
  read -r token <"$LEASEHOLD_TOKEN_FILE"
  post --header @/dev/fd/3 3<<END
authorization: Bearer $token
END
else
  post
fi
