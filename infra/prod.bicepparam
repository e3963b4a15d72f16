using 'main.bicep'

param name = 'ciprod'
param ownerEmail = readEnvironmentVariable('OWNER_EMAIL')
param alertEmail = readEnvironmentVariable('OWNER_EMAIL')
param storageSku = 'Standard_ZRS'
param maximumInstanceCount = 100
