// The ledger's home: tables, queues and containers, reachable by identity only.

param name string
param location string
param sku string
param rawDays int
param backupDays int
param principalId string
param people array
param tags object

var tables = ['ledger', 'people', 'schedule', 'harvests', 'lookups']
var queues = ['harvest', 'harvest-poison', 'digest', 'digest-poison', 'mail', 'mail-poison', 'recount', 'recount-poison', 'maintenance', 'maintenance-poison']
var containers = ['deploy', 'raw', 'pushes', 'keys', 'digests', 'backups']

// What the app and the Functions host each need, and no more: the host keeps its locks and timers in blobs.
var roles = {
  blobs: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner, asked for by the host's own storage
  queues: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor
  tables: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
}

// What the program needs where people run its commands: keys new, backup, restore, secrets rotate.
var peopleRoles = {
  blobs: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe' // Storage Blob Data Contributor: the key ring, raw answers, digests, backups
  queues: '974c5e8b-45b9-4653-ba55-5f855dd0fb88' // Storage Queue Data Contributor: restore plans the work anew
  tables: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor: the ledger, people and their keys
}

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  name: name
  location: location
  tags: tags
  sku: { name: sku }
  kind: 'StorageV2'
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-08-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 7 }
  }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-08-01' = {
  parent: account
  name: 'default'
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-08-01' = {
  parent: account
  name: 'default'
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-08-01' = [for item in containers: {
  parent: blobService
  name: item
  properties: { publicAccess: 'None' }
}]

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-08-01' = [for item in queues: {
  parent: queueService
  name: item
}]

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-08-01' = [for item in tables: {
  parent: tableService
  name: item
}]

// The app prunes raw answers and backups itself; this catches what it missed. No cooler tier: moving so small a blob costs more than it saves.
resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-08-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'raw-answers'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['raw/'] }
            actions: {
              baseBlob: {
                delete: { daysAfterModificationGreaterThan: rawDays + 7 }
              }
            }
          }
        }
        {
          name: 'backups'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['backups/'] }
            actions: {
              baseBlob: {
                delete: { daysAfterModificationGreaterThan: backupDays + 7 }
              }
            }
          }
        }
      ]
    }
  }
}

resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in items(roles): {
  scope: account
  name: guid(account.id, principalId, role.value)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
  }
}]

// Without the type of a principal the service looks it up; a wrong one it refuses.
resource peopleGrant 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for pair in flatten(map(people, person => map(items(peopleRoles), role => { person: person, role: role.value }))): {
  scope: account
  name: guid(account.id, pair.person, pair.role)
  properties: {
    principalId: pair.person
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', pair.role)
  }
}]

output name string = account.name
output deploymentContainer string = '${account.properties.primaryEndpoints.blob}deploy'
