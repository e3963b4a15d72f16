#!/bin/sh
# Asks once for the address of the owner, without whom nobody could sign in.
set -eu
[ -z "${LEDGER_OWNER_EMAIL:-}" ] || exit 0
address=
if [ -t 0 ]; then
  printf 'Mail address of the owner, who signs in first and is told of alerts: '
  read -r address
fi
case $address in
  *[!@\ ]@[!@\ ]*) azd env set LEDGER_OWNER_EMAIL "$address" ;;
  *) echo 'The owner needs a mail address: azd env set LEDGER_OWNER_EMAIL you@example.org' >&2; exit 1 ;;
esac
