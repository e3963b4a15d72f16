namespace ContributionIngest.Tests.Benchmarks.Survive;

/// <summary>How a program is ended.</summary>
internal enum Ending
{
    /// <summary>It is asked to, and ends by itself.</summary>
    Stop,

    /// <summary>SIGKILL.</summary>
    Kill,
}

/// <summary>The published program over one store at one address, started again and again.</summary>
internal interface IProgram : IAsyncDisposable
{
    Uri Address { get; }

    /// <summary>Begins to start it.</summary>
    void Start();

    /// <summary>Waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It did not in time, or ended by itself.</exception>
    Task ReadyAsync(HttpMessageInvoker client);

    /// <summary>Returns when the process has ended.</summary>
    Task EndAsync(Ending how);
}
