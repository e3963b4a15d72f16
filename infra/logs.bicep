// Logs, and the three alerts that matter: a message was given up, nothing is harvested any more, and messages lie or are not looked at.

param name string
param location string
param principalId string
param alertEmail string
param harvestAgeHours int
param queueAgeMinutes int
param tags object

var publisher = '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-${name}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    workspaceCapping: { dailyQuotaGb: 1 }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource grant 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, principalId, publisher)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisher)
  }
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  properties: {
    groupShortName: take(name, 12)
    enabled: true
    emailReceivers: [
      { name: 'operators', emailAddress: alertEmail, useCommonAlertSchema: true }
    ]
  }
}

// The program's own meter: under OpenTelemetry the host writes no metrics of functions, and single requests may be sampled away.
resource poison 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: 'alert-${name}-poison'
  location: location
  properties: {
    displayName: 'A message was given up and recorded as poison'
    severity: 2
    enabled: true
    scopes: [insights.id]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT15M'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: 'customMetrics | where name == "ledger.poison" | summarize messages = sum(valueSum)'
          metricMeasureColumn: 'messages'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [operators.id] }
  }
}

// Looks a day back and measures, so that no harvest at all is an age too.
resource age 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: 'alert-${name}-harvest-age'
  location: location
  properties: {
    displayName: 'Nothing has been harvested for ${harvestAgeHours} hours'
    severity: 1
    enabled: true
    scopes: [insights.id]
    evaluationFrequency: 'PT15M'
    windowSize: 'P1D'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: 'customMetrics | where name == "ledger.harvests" and tostring(customDimensions.outcome) == "ok" and valueSum > 0 | summarize newest = max(timestamp) | project hours = iff(isnull(newest), 24.0, (now() - newest) / 1h)'
          metricMeasureColumn: 'hours'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: harvestAgeHours
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [operators.id] }
  }
}

// The shortest wait of half an hour counts, since a mail that was put for later is old the moment its turn comes. The timer that measures runs
// every minute, so that no measurement means that timers stand still.
resource waiting 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = {
  name: 'alert-${name}-queue-age'
  location: location
  properties: {
    displayName: 'Messages have been waiting for ${queueAgeMinutes} minutes, or nothing measures it'
    severity: 1
    enabled: true
    scopes: [insights.id]
    evaluationFrequency: 'PT15M'
    windowSize: 'PT30M'
    autoMitigate: true
    criteria: {
      allOf: [
        {
          query: 'customMetrics | where name == "ledger.queue.oldest" | summarize least = min(value) by queue = tostring(customDimensions.queue) | summarize queues = count(), longest = max(least) | project minutes = iff(queues == 0, 1440.0, longest / 60)'
          metricMeasureColumn: 'minutes'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: queueAgeMinutes
          failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
        }
      ]
    }
    actions: { actionGroups: [operators.id] }
  }
}

output connection string = insights.properties.ConnectionString
