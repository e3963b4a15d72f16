using 'main.bicep'

param name = 'cidev'
param runtimeVersion = readEnvironmentVariable('RUNTIME_VERSION')
param ownerEmail = readEnvironmentVariable('OWNER_EMAIL')
param alertEmail = readEnvironmentVariable('OWNER_EMAIL')
param rawDays = 14
param maximumInstanceCount = 5
param harvestAgeHours = 12
