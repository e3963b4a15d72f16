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
param ownerEmail = owner
param ownerZone = readEnvironmentVariable('LEDGER_OWNER_ZONE', 'Etc/UTC')
param alertEmail = readEnvironmentVariable('LEDGER_ALERT_EMAIL', owner)
param mail = readEnvironmentVariable('LEDGER_MAIL', 'none')
param publicUrl = readEnvironmentVariable('LEDGER_PUBLIC_URL', '')
param secretSettings = filter(map(split(readEnvironmentVariable('LEDGER_SECRETS', ''), ','), setting => trim(setting)), setting => !empty(setting))
param settings = json(readEnvironmentVariable('LEDGER_SETTINGS', '{}'))
