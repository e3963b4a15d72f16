// ContributionIngest on Azure: one function app on Flex Consumption, one storage account, one identity without a key.
// Deploy to a resource group; README.md says how.

@description('Short name, part of every resource name: 3 to 11 lower-case letters and digits.')
@minLength(3)
@maxLength(11)
param name string

@description('Region. It must offer Flex Consumption.')
param location string = resourceGroup().location

@description('Email of the first operator.')
param ownerEmail string

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

@description('Hours without one harvest that succeeded after which an alert fires. The alert looks a day back.')
@minValue(1)
@maxValue(23)
param harvestAgeHours int = 3

@description('Minutes that the oldest message of a queue may wait before an alert fires.')
@minValue(5)
@maxValue(1439)
param queueAgeMinutes int = 30

var unique = uniqueString(resourceGroup().id, name)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${name}'
  location: location
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: {
    name: take('st${name}${unique}', 24)
    location: location
    sku: storageSku
    rawDays: rawDays
    principalId: identity.properties.principalId
  }
}

module vault 'vault.bicep' = {
  name: 'vault'
  params: {
    name: take('kv-${name}-${unique}', 24)
    location: location
    principalId: identity.properties.principalId
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
  }
}

module app 'app.bicep' = {
  name: 'app'
  params: {
    name: 'func-${name}-${unique}'
    planName: 'plan-${name}'
    location: location
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    identityId: identity.id
    clientId: identity.properties.clientId
    storageName: storage.outputs.name
    deploymentContainer: storage.outputs.deploymentContainer
    insightsConnection: logs.outputs.connection
    vaultUri: vault.outputs.uri
    secretSettings: secretSettings
    settings: union(
      {
        OwnerEmail: ownerEmail
        OwnerZone: ownerZone
        RawDays: string(rawDays)
      },
      empty(contact) ? {} : { Contact: contact },
      empty(publicUrl) ? {} : { PublicUrl: publicUrl },
      settings
    )
  }
}

output app string = app.outputs.name
output url string = app.outputs.url
output vault string = vault.outputs.name
output storage string = storage.outputs.name
