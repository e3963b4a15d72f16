using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace ContributionIngest.Tests.Support;

/// <summary>Reads everything that an app logs, at the levels that it logs by itself, and keeps the lines that hold a planted secret.</summary>
internal sealed class SecretWatch : ILoggerProvider, ILogger
{
    private readonly ConcurrentDictionary<string, byte> planted = new(StringComparer.Ordinal);

    /// <summary>Log lines with a secret.</summary>
    public ConcurrentQueue<string> Found { get; } = [];

    public void Plant(string secret)
    {
        if (secret.Length >= 8)
            planted.TryAdd(secret, 0);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var values = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join(' ', pairs.Select(pair => pair.Value)) : "";
        var line = $"{formatter(state, exception)} {values} {exception}";
        if (planted.Keys.Any(secret => line.Contains(secret, StringComparison.Ordinal)))
            Found.Enqueue(line);
    }

    public void Dispose()
    {
    }
}
