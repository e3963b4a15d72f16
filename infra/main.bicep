// ContributionIngest on Azure: one function app on Flex Consumption, one storage account, one identity without a key. README.md says how to deploy it.
// The scope is the resource group: one file serves azd, which makes the group, and plain az; and a deployer needs rights on that group alone.

@description('Short name, part of every resource name: 2 to 11 lower-case letters and digits.')
@minLength(2)
@maxLength(11)
param name string

@description('Region. It must offer Flex Consumption.')
param location string = resourceGroup().location

@description('Tags of everything that has tags; azd finds its own by them.')
param tags object = {}

@description('Object id of who deploys, for the commands and secrets that README.md names. Nothing is granted if it is empty, or if a program deploys.')
param principalId string = ''

@description('What the deployer is; empty if that is not known.')
@allowed(['', 'User', 'Group', 'ServicePrincipal'])
param principalType string = ''

@description('Object ids of people who run the program\'s commands and read the vault beside who deploys. Whoever is taken out keeps the rights until they are taken away.')
param operatorIds array = []

@description('Email of the first operator, who signs in with the set-up secret.')
param ownerEmail string

@description('Signs the owner in once, at /auth/setup. Each deployment makes one, which is of no use once the set-up is over.')
@secure()
@minLength(32)
param setupSecret string = '${newGuid()}-${newGuid()}'

@description('When this deployment runs.')
param deployedAt string = utcNow('yyyy-MM-ddTHH:mm:ssZ')

@description('Days that the set-up secret works.')
@minValue(1)
@maxValue(30)
param setupDays int = 7

@description('What sends mail: nothing yet, or Azure Communication Services. For a relay of your own set Smtp__Host and what belongs to it in settings.')
@allowed(['none', 'azure'])
param mail string = 'none'

@description('Where Azure Communication Services keep data.')
param mailDataLocation string = 'Europe'

@description('Time zone of the first operator, an IANA name.')
param ownerZone string = 'Etc/UTC'

@description('An address or URL for owners of harvested sites, sent in the User-Agent.')
param contact string = ''

@description('Public address if a custom domain points here, e.g. https://ledger.example.org')
param publicUrl string = ''

@description('Who is told by email when an alert fires.')
param alertEmail string

@description('Names of app settings whose values are secrets in the key vault. In secret names -- stands for __.')
param secretSettings array = []

@description('Further app settings, name to value. No secrets.')
param settings object = {}

@description('Days that raw answers of sources are kept.')
@minValue(1)
@maxValue(3650)
param rawDays int = 90

@description('How often everything is backed up into the container backups.')
@allowed(['weekly', 'off'])
param backup string = 'weekly'

@description('Days that backups are kept.')
@minValue(8)
@maxValue(3650)
param backupDays int = 35

@description('Instances that always wait for requests, so that nobody meets a cold start. They cost by the hour.')
@minValue(0)
@maxValue(20)
param alwaysReady int = 0

@description('Memory of an instance in MB, and with it its share of a processor: a quarter of a core, one, or two. A quarter starts in four times the time.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Most instances of the whole app.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Copies of the data: within one place, or across zones.')
@allowed(['Standard_LRS', 'Standard_ZRS'])
param storageSku string = 'Standard_LRS'

@description('Hours in which harvests were due and none succeeded, after which an alert fires. The alert looks a day back.')
@minValue(1)
@maxValue(23)
param harvestAgeHours int = 3

@description('Minutes that the oldest message of a queue may wait before an alert fires.')
@minValue(5)
@maxValue(1439)
param queueAgeMinutes int = 30

@description('Harvests that must have been due by then, so that a blog or two that are gone do not count as a standstill.')
@minValue(1)
param harvestAgeCount int = 10

@description('Per cent of the harvests of one source in six hours that may fail before an alert fires.')
@minValue(1)
@maxValue(99)
param failingPercent int = 50

@description('Failed harvests of one source in six hours below which no alert fires.')
@minValue(1)
param failingCount int = 5

@description('Hours in which mails were wanted and none left, after which an alert fires. The alert looks a day back.')
@minValue(1)
@maxValue(23)
param mailAgeHours int = 3

@description('GB of logs a day, after which the rest of the day is not kept.')
@minValue(1)
@maxValue(100)
param logsDailyGb int = 1

var unique = uniqueString(resourceGroup().id, name)

// A program that deploys runs no commands and reads no secrets.
var deployerId = principalType == 'ServicePrincipal' ? '' : principalId
var people = union(empty(deployerId) ? [] : [deployerId], operatorIds)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${name}'
  location: location
  tags: tags
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    name: take('st${name}${unique}', 24)
    location: location
    sku: storageSku
    rawDays: rawDays
    backupDays: backupDays
    principalId: identity.properties.principalId
    people: people
    tags: tags
  }
}

module vault 'vault.bicep' = {
  name: 'vault'
  params: {
    name: take('kv-${name}-${unique}', 24)
    location: location
    principalId: identity.properties.principalId
    people: people
    setupSecret: setupSecret
    tags: tags
  }
}

module logs 'logs.bicep' = {
  name: 'logs'
  params: {
    name: name
    location: location
    principalId: identity.properties.principalId
    alertEmail: alertEmail
    harvestAgeHours: harvestAgeHours
    queueAgeMinutes: queueAgeMinutes
    harvestAgeCount: harvestAgeCount
    failingPercent: failingPercent
    failingCount: failingCount
    mailAgeHours: mailAgeHours
    logsDailyGb: logsDailyGb
    tags: tags
  }
}

module communication 'mail.bicep' = if (mail == 'azure') {
  name: 'mail'
  params: {
    name: '${name}-${unique}'
    dataLocation: mailDataLocation
    principalId: identity.properties.principalId
    tags: tags
  }
}

// It waits for the modules above, and so for their role assignments, which take minutes to count: it takes outputs of each.
module app 'app.bicep' = {
  name: 'app'
  params: {
    name: 'func-${name}-${unique}'
    planName: 'plan-${name}'
    location: location
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReady: alwaysReady
    identityId: identity.id
    clientId: identity.properties.clientId
    storageName: storage.outputs.name
    deploymentContainer: storage.outputs.deploymentContainer
    insightsConnection: logs.outputs.connection
    vaultUri: vault.outputs.uri
    setupUri: vault.outputs.setupUri
    tags: tags
    secretSettings: secretSettings
    settings: union(
      {
        OwnerEmail: ownerEmail
        OwnerZone: ownerZone
        RawDays: string(rawDays)
        Backup: backup
        BackupDays: string(backupDays)
        SetupExpires: dateTimeAdd(deployedAt, 'P${setupDays}D', 'yyyy-MM-ddTHH:mm:ssZ')
      },
      mail == 'azure'
        ? {
            Mail__Endpoint: communication!.outputs.endpoint
            Mail__From: communication!.outputs.from
            MailPerHour: '10' // what a domain of Azure's may send
          }
        : {},
      empty(contact) ? {} : { Contact: contact },
      empty(publicUrl) ? {} : { PublicUrl: publicUrl },
      settings
    )
  }
}

// azd makes them values of its environment; none is a secret.
output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = resourceGroup().name
output AZURE_KEY_VAULT_NAME string = vault.outputs.name
output AZURE_STORAGE_ACCOUNT_NAME string = storage.outputs.name
output SERVICE_APP_NAME string = app.outputs.name
output SERVICE_APP_URI string = app.outputs.url
