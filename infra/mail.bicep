// Mail by Azure Communication Services, from a domain that Azure owns: nothing to register, but 5 mails a minute and 10 an hour.

param name string
param dataLocation string
param principalId string
param tags object

resource email 'Microsoft.Communication/emailServices@2025-09-01' = {
  name: 'mail-${name}'
  location: 'global'
  tags: tags
  properties: { dataLocation: dataLocation }
}

resource domain 'Microsoft.Communication/emailServices/domains@2025-09-01' = {
  parent: email
  name: 'AzureManagedDomain'
  location: 'global'
  tags: tags
  properties: {
    domainManagement: 'AzureManaged'
    userEngagementTracking: 'Disabled'
  }
}

resource service 'Microsoft.Communication/communicationServices@2025-09-01' = {
  name: 'acs-${name}'
  location: 'global'
  tags: tags
  properties: {
    dataLocation: dataLocation
    linkedDomains: [domain.id]
    disableLocalAuth: true
  }
}

// Communication and Email Service Owner. Sending is not an action of its own: the service asks for the right to write, and reports say that it does not
// honour roles of one's own. This is the least built-in role that sends; it reaches this one service.
var sender = '09976791-48a7-449e-bb21-39d1a415f350'

resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: service
  name: guid(service.id, principalId, sender)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sender)
  }
}

output endpoint string = 'https://${service.properties.hostName}'
output from string = 'DoNotReply@${domain.properties.mailFromSenderDomain}'
