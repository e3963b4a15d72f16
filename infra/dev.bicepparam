using 'main.bicep'

param name = 'cidev'
param ownerEmail = readEnvironmentVariable('OWNER_EMAIL')
param alertEmail = readEnvironmentVariable('OWNER_EMAIL')
param rawDays = 14
param harvestAgeHours = 12
