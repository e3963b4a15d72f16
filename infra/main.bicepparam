using 'main.bicep'

// What azd deploys with: its values arrive as environment variables. Own ones begin with LEDGER_, since while azd publishes each is an MSBuild property
// as well. The defaults are for whoever compiles this without azd.
var environment = readEnvironmentVariable('AZURE_ENV_NAME', 'ledger')
var characters = map(range(0, length(environment)), i => toLower(substring(environment, i, 1)))
var letters = join(filter(characters, c => contains('abcdefghijklmnopqrstuvwxyz0123456789', c)), '')
var owner = readEnvironmentVariable('LEDGER_OWNER_EMAIL', '')

param name = 'ci${take(letters, 9)}'
param location = readEnvironmentVariable('AZURE_LOCATION', 'northeurope')
param tags = { 'azd-env-name': environment }
param principalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')
param principalType = readEnvironmentVariable('AZURE_PRINCIPAL_TYPE', '')
param operatorIds = filter(map(split(readEnvironmentVariable('LEDGER_OPERATORS', ''), ','), id => trim(id)), id => !empty(id))
param ownerEmail = owner
var zone = readEnvironmentVariable('LEDGER_OWNER_ZONE', '')
param ownerZone = empty(zone) ? 'Etc/UTC' : zone
var alerted = readEnvironmentVariable('LEDGER_ALERT_EMAIL', '')
param alertEmail = empty(alerted) ? owner : alerted
var sender = readEnvironmentVariable('LEDGER_MAIL', '')
param mail = empty(sender) ? 'none' : sender
param publicUrl = readEnvironmentVariable('LEDGER_PUBLIC_URL', '')
param secretSettings = filter(map(split(readEnvironmentVariable('LEDGER_SECRETS', ''), ','), setting => trim(setting)), setting => !empty(setting))
var others = readEnvironmentVariable('LEDGER_SETTINGS', '')
param settings = json(empty(others) ? '{}' : others)
