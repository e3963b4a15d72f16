#!/bin/sh
# Says how to get the secret, and never the secret itself: what azd prints is kept in many places.
set -eu
echo "Set-up secret, for the owner's first sign-in within seven days, and of no use after it (az login first; the right to read it may take some minutes to count):"
echo "  az keyvault secret show --vault-name $AZURE_KEY_VAULT_NAME --name SetupSecret --query value --output tsv"
