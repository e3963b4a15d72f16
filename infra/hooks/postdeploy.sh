#!/bin/sh
# After a deployment Flex Consumption may list nothing but WarmUp, and then nothing fires: asks for a trigger sync until the functions are listed.
set -eu
site="https://management.azure.com/subscriptions/$AZURE_SUBSCRIPTION_ID/resourceGroups/$AZURE_RESOURCE_GROUP/providers/Microsoft.Web/sites/$SERVICE_APP_NAME"
version='api-version=2025-03-01'

# The token goes through standard input, since everybody sees the arguments of a process.
token=$(azd auth token --output json | sed -n 's/.*"token"[: ]*"\([^"]*\)".*/\1/p')
call() { printf 'Authorization: Bearer %s\n' "$token" | curl --silent --show-error --fail --max-time 60 --header @- "$@"; }

attempt=1
listed() {
  functions=$(call "$site/functions?$version") || return 1
  for name in Plan Website; do
    case $functions in *"/$name\""*) ;; *) return 1 ;; esac
  done
}
until listed; do
  if [ "$attempt" -gt 30 ]; then
    echo "The functions of $SERVICE_APP_NAME are not listed, so nothing fires: run azd deploy again, or this script." >&2
    exit 1
  fi
  echo "Waiting for the functions of $SERVICE_APP_NAME to be listed ($attempt of 30)"
  call --request POST --data '' "$site/host/default/sync?$version" || true
  attempt=$((attempt + 1))
  sleep 10
done
echo "Running at $SERVICE_APP_URI. The owner signs in first at $SERVICE_APP_URI/auth/setup"
