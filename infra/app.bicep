// The function app: a .NET isolated worker. The same executable runs alone elsewhere.

param name string
param planName string
param location string
param instanceMemoryMB int
param maximumInstanceCount int
param identityId string
param clientId string
param storageName string
param deploymentContainer string
param insightsConnection string
param alwaysReady int
param vaultUri string
param setupUri string
param secretSettings array
param settings object
param tags object

// A name with __ is none for a secret, so -- stands for it there.
var secrets = [for setting in filter(secretSettings, setting => setting != 'SetupSecret'): {
  name: setting
  value: '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${replace(setting, '__', '--')})'
}]

var plain = [for item in items(settings): { name: item.key, value: string(item.value) }]

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identityId}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    functionAppConfig: {
      runtime: { name: 'dotnet-isolated', version: '10.0' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReady == 0 ? [] : [{ name: 'http', instanceCount: alwaysReady }]
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainer
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      http20Enabled: true
      appSettings: concat(
        [
          { name: 'AzureWebJobsStorage__accountName', value: storageName }
          { name: 'AzureWebJobsStorage__credential', value: 'managedidentity' }
          { name: 'AzureWebJobsStorage__clientId', value: clientId }
          { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insightsConnection }
          { name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING', value: 'Authorization=AAD;ClientId=${clientId}' }

          // With its version: the platform keeps what it read of a reference that stays the same for up to a day.
          { name: 'SetupSecret', value: '@Microsoft.KeyVault(SecretUri=${setupUri})' }
        ],
        plain,
        secrets
      )
    }
  }
}

// Deployments are signed in by identity as well.
resource ftpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource scmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
