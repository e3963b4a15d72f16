namespace ContributionIngest.Drivers.Local;

/// <summary>The file is no database, or a damaged one; trying again does not help.</summary>
internal sealed class DamagedDatabaseException(string message) : Exception(message);
