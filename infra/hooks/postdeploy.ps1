# After a deployment Flex Consumption may list nothing but WarmUp, and then nothing fires: asks for a trigger sync until the functions are listed.
$ErrorActionPreference = 'Stop'
$site = "https://management.azure.com/subscriptions/$env:AZURE_SUBSCRIPTION_ID/resourceGroups/$env:AZURE_RESOURCE_GROUP/providers/Microsoft.Web/sites/$env:SERVICE_APP_NAME"
$version = 'api-version=2025-03-01'
$headers = @{ Authorization = "Bearer $((azd auth token --output json | ConvertFrom-Json).token)" }

for ($attempt = 1; $true; $attempt++) {
  try { $functions = (Invoke-RestMethod -Uri "$site/functions?$version" -Headers $headers -TimeoutSec 60).value.name } catch { $functions = @() }
  if (-not ('Plan', 'Website' | Where-Object { $functions -notcontains "$env:SERVICE_APP_NAME/$_" })) { break }
  if ($attempt -gt 30) {
    [Console]::Error.WriteLine("The functions of $env:SERVICE_APP_NAME are not listed, so nothing fires: run azd deploy again, or this script.")
    exit 1
  }
  Write-Output "Waiting for the functions of $env:SERVICE_APP_NAME to be listed ($attempt of 30)"
  try { Invoke-RestMethod -Method Post -Uri "$site/host/default/sync?$version" -Headers $headers -TimeoutSec 60 | Out-Null } catch { Write-Output $_.Exception.Message }
  Start-Sleep -Seconds 10
}
Write-Output "Running at $env:SERVICE_APP_URI. The owner signs in first at $env:SERVICE_APP_URI/auth/setup"
