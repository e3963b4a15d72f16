# Says how to get the secret, and never the secret itself: what azd prints is kept in many places.
$ErrorActionPreference = 'Stop'
Write-Output "Set-up secret, for the owner's first sign-in within seven days, and of no use after it (az login first; the right to read it may take some minutes to count):"
Write-Output "  az keyvault secret show --vault-name $env:AZURE_KEY_VAULT_NAME --name SetupSecret --query value --output tsv"
