namespace ContributionIngest.Drivers.Local;

/// <summary>A store or a backup was refused; the message says why and what to do, and is meant for the person who started the program.</summary>
public sealed class LocalStoreException(string message, Exception? inner = null) : Exception(message, inner);
