#!/bin/sh
# Hands each hook call of Kea's run_script library to Leasehold: the environment as it is, in one POST, and nothing else.
# It gives up after a bounded time and always ends with 0, silently: DHCP never waits for DNS.
#
# Kea's configuration (Kea 3 runs scripts only from /usr/share/kea/scripts):
#   { "library": "libdhcp_run_script.so", "parameters": { "name": "/usr/share/kea/scripts/leasehold-hook.sh", "sync": false } }
#
# `leasehold-hook.sh --test`, run as Kea's user, tells Leasehold of no lease and says what happens: it ends with 0 when all is well.
#
# Settings stand in leasehold-hook.conf beside this script, as shell assignments; without that file these hold:
LEASEHOLD_URL=http://127.0.0.1:8053
LEASEHOLD_TOKEN_FILE=     # holds a token of the role "callout", and must be readable for Kea's user
LEASEHOLD_CONNECT_TIMEOUT=1
LEASEHOLD_MAX_TIME=2      # seconds, for everything

settings=${0%/*}/leasehold-hook.conf

# $1: the hook point; then what else curl is to do. The environment comes on stdin.
post() {
  point=$1
  shift
  curl --disable --silent --noproxy '*' --output /dev/null \
    --connect-timeout "$LEASEHOLD_CONNECT_TIMEOUT" --max-time "$LEASEHOLD_MAX_TIME" \
    --header 'content-type: application/x-kea-environment' --header 'expect:' "$@" \
    --data-binary @- --url "${LEASEHOLD_URL%/}/v1/callouts/$point"
}

# As post, with the token where there is one.
report() {
  if [ -r "$LEASEHOLD_TOKEN_FILE" ]; then
    # Through a descriptor: a command line or an environment could be read by others.
    read -r token <"$LEASEHOLD_TOKEN_FILE"
    post "$@" --header @/dev/fd/3 3<<END
authorization: Bearer $token
END
  else
    post "$@"
  fi
}

if [ "${1-}" = --test ]; then
  wrong() {
    echo "wrong: $1"
    exit 1
  }
  if [ -r "$settings" ]; then . "$settings"; elif [ -e "$settings" ]; then wrong "$settings cannot be read by $(id -un)"; fi
  command -v curl >/dev/null || wrong 'curl is not installed'
  [ -z "$LEASEHOLD_TOKEN_FILE" ] || [ -r "$LEASEHOLD_TOKEN_FILE" ] ||
    wrong "the token file $LEASEHOLD_TOKEN_FILE cannot be read by $(id -un)"
  status=$(printf 'LEASES4_SIZE=0\0DELETED_LEASES4_SIZE=0\0' |
    report leases4_committed --show-error --write-out '%{http_code}' 2>&1)
  case $status in
  202) echo "ok: $LEASEHOLD_URL takes what $(id -un) reports" && exit 0 ;;
  401) wrong "$LEASEHOLD_URL does not know the token of ${LEASEHOLD_TOKEN_FILE:-nobody: LEASEHOLD_TOKEN_FILE is not set}" ;;
  *) wrong "$LEASEHOLD_URL answers: $status" ;;
  esac
fi

exec </dev/null >/dev/null 2>&1
trap 'exit 0' EXIT HUP INT TERM

case ${1-} in '' | *[!a-z0-9_]*) exit 0 ;; esac
[ -r "$settings" ] && . "$settings"
env -0 | report "$1"
