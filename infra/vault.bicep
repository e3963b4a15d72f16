// Secrets of providers and of mail. The app may read them; people write them with their own rights.

param name string
param location string
param principalId string
param people array
param tags object

@secure()
param setupSecret string

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6' // Key Vault Secrets User: the app reads what its settings refer to
var secretsOfficer = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7' // Key Vault Secrets Officer: people read the set-up secret and set those of providers

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
  }
}

// A new version with each deployment. Once the set-up is over, none of them is of any use.
resource setup 'Microsoft.KeyVault/vaults/secrets@2026-02-01' = {
  parent: vault
  name: 'SetupSecret'
  properties: {
    value: setupSecret
    contentType: 'Signs the owner in once, at /auth/setup'
  }
}

resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, principalId, secretsUser)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource peopleGrant 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for person in people: {
  scope: vault
  name: guid(vault.id, person, secretsOfficer)
  properties: {
    principalId: person
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsOfficer)
  }
}]

output name string = vault.name
output uri string = vault.properties.vaultUri
output setupUri string = setup.properties.secretUriWithVersion
