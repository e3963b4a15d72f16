using Microsoft.Extensions.Logging.Console;

namespace ContributionIngest.Functions.Hosts;

/// <summary>The framework's console log, put together by the first line that is written to it: a start that has nothing to say does not pay for it.</summary>
internal sealed class LateConsole : ILoggerProvider
{
    private readonly Lazy<ILoggerFactory> console = new(() => LoggerFactory.Create(logging => logging
        .SetMinimumLevel(LogLevel.Trace)
        .AddSimpleConsole(options =>
        {
            // The Functions host takes one line for one entry.
            options.SingleLine = true;
            options.ColorBehavior = LoggerColorBehavior.Disabled;
        })));

    public ILogger CreateLogger(string categoryName) => new LateLogger(console, categoryName);

    public void Dispose()
    {
        if (console.IsValueCreated)
            console.Value.Dispose();
    }

    private sealed class LateLogger(Lazy<ILoggerFactory> console, string category) : ILogger
    {
        private readonly Lazy<ILogger> logger = new(() => console.Value.CreateLogger(category));

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logger.Value.Log(logLevel, eventId, state, exception, formatter);
    }
}
