# Asks once for the address of the owner, without whom nobody could sign in.
$ErrorActionPreference = 'Stop'
if ($env:LEDGER_OWNER_EMAIL) { exit 0 }
$address = if ([Console]::IsInputRedirected) { '' } else { Read-Host 'Mail address of the owner, who signs in first and is told of alerts' }
if ($address -notmatch '^[^@\s]+@[^@\s]+$') {
  [Console]::Error.WriteLine('The owner needs a mail address: azd env set LEDGER_OWNER_EMAIL you@example.org')
  exit 1
}
azd env set LEDGER_OWNER_EMAIL $address
exit $LASTEXITCODE
