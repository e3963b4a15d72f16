// Logs, and the five alerts that matter: a message was given up, a source fails, nothing is harvested any more, messages lie or are not looked at,
// and mail does not leave.

param name string
param location string
param principalId string
param alertEmail string
param tags object
param harvestAgeHours int
param harvestAgeCount int
param queueAgeMinutes int
param failingPercent int
param failingCount int
param mailAgeHours int
param logsDailyGb int

var publisher = '3913510d-42f4-4e42-8a64-420c390055eb' // Monitoring Metrics Publisher

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: 'log-${name}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 30
    workspaceCapping: { dailyQuotaGb: logsDailyGb }
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
  tags: tags
  properties: {
    groupShortName: take(name, 12)
    enabled: true
    emailReceivers: [
      { name: 'operators', emailAddress: alertEmail, useCommonAlertSchema: true }
    ]
  }
}

// The program's own meters: under OpenTelemetry the host writes no metrics of functions, and single requests may be sampled away. A query has a row
// without data where silence is a fault, since a rule without a row is neither true nor false.
var alerts = [
  {
    name: 'poison'
    title: 'A message was given up and recorded as poison'
    severity: 2
    window: 'PT30M' // Twice the time between two looks, for rows that arrive late.
    query: 'customMetrics | where name == "ledger.poison" | summarize messages = sum(valueSum)'
    measure: 'messages'
    threshold: 0
    dimensions: []
  }
  {
    name: 'failing'
    title: 'More than ${failingPercent} % of the harvests of a source fail'
    severity: 2
    window: 'PT6H'
    query: 'customMetrics | where name == "ledger.harvests" | summarize failed = sumif(valueSum, tostring(customDimensions.outcome) != "ok"), harvests = sum(valueSum) by source = tostring(customDimensions.source) | project source, percent = iff(failed < ${failingCount}, 0.0, failed * 100.0 / harvests)'
    measure: 'percent'
    threshold: failingPercent
    dimensions: [{ name: 'source', operator: 'Include', values: ['*'] }]
  }
  {
    // From the first harvest that was due since the last one that succeeded. Two minutes, since each instance exports at its own second.
    name: 'harvest-age'
    title: 'Nothing has been harvested for ${harvestAgeHours} hours, though harvests were due'
    severity: 1
    window: 'P1D'
    query: 'let harvested = toscalar(customMetrics | where name == "ledger.harvests" and tostring(customDimensions.outcome) == "ok" and valueSum > 0 | summarize max(timestamp)); customMetrics | where name == "ledger.harvests.due" and valueSum > 0 and (isnull(harvested) or timestamp > harvested + 2m) | summarize since = min(timestamp), due = sum(valueSum) | project hours = iff(due < ${harvestAgeCount}, 0.0, (now() - since) / 1h)'
    measure: 'hours'
    threshold: harvestAgeHours
    dimensions: []
  }
  {
    // The shortest wait of half an hour counts, since a mail that was put for later is old the moment its turn comes. The timer that measures runs
    // every minute, so that no measurement means that timers stand still.
    name: 'queue-age'
    title: 'Messages have been waiting for ${queueAgeMinutes} minutes, or nothing measures it'
    severity: 1
    window: 'PT30M'
    query: 'customMetrics | where name == "ledger.queue.oldest" | summarize least = min(value) by queue = tostring(customDimensions.queue) | summarize queues = count(), longest = max(least) | project minutes = iff(queues == 0, 1440.0, longest / 60)'
    measure: 'minutes'
    threshold: queueAgeMinutes
    dimensions: []
  }
  {
    // From the first attempt that failed since a mail last left, or the first look since then that found mails queued and the queue never empty. An
    // address that does not exist is no fault of mail.
    name: 'mail-age'
    title: 'Mails have been wanted for ${mailAgeHours} hours, and none left'
    severity: 2
    window: 'P1D'
    query: 'let mails = customMetrics | where name in ("ledger.mails", "ledger.mail.waiting") | extend outcome = tostring(customDimensions.outcome); let sent = toscalar(mails | where outcome == "accepted" | summarize max(timestamp)); let empty = toscalar(mails | where name == "ledger.mail.waiting" and value == 0 | summarize max(timestamp)); mails | where (isnull(sent) or timestamp > sent) and (outcome in ("temporary", "permanent", "unknown", "off") or (name == "ledger.mail.waiting" and (isnull(empty) or timestamp > empty))) | summarize since = min(timestamp) | project hours = iff(isnull(since), 0.0, (now() - since) / 1h)'
    measure: 'hours'
    threshold: mailAgeHours
    dimensions: []
  }
]

resource rules 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for alert in alerts: {
    name: 'alert-${name}-${alert.name}'
    location: location
    tags: tags
    properties: {
      displayName: alert.title
      severity: alert.severity
      enabled: true
      scopes: [insights.id]
      evaluationFrequency: 'PT15M'
      windowSize: alert.window
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: alert.query
            metricMeasureColumn: alert.measure
            timeAggregation: 'Maximum'
            operator: 'GreaterThan'
            threshold: alert.threshold
            dimensions: alert.dimensions
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [operators.id] }
    }
  }
]

output connection string = insights.properties.ConnectionString
