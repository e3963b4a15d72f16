namespace ContributionIngest.Functions.Hosts;

/// <summary>One call of a function. Message is null for timers.</summary>
/// <param name="Attempt">1 at the first delivery of a message, and for timers.</param>
public sealed record FunctionCall(string Name, string? Message, int Attempt);

/// <summary>
/// The code of one function. Returning means done; throwing means failed: a message is then delivered again and finally lands in
/// <c>QUEUE-poison</c>, a timer waits for its next tick. The token is cancelled before the host would lose patience.
/// </summary>
public delegate Task Function(FunctionCall call, CancellationToken cancel);

/// <summary>Name → code. The names are exactly those of the folders with a timer or queue trigger; HTTP needs no entry.</summary>
public sealed record FunctionTable(IReadOnlyDictionary<string, Function> Functions)
{
    /// <exception cref="StartException">A folder without code, or code without a folder.</exception>
    public void Check(FunctionDefinitions definitions)
    {
        var folders = definitions.Triggered.Select(f => f.Name).ToHashSet(StringComparer.Ordinal);
        List<string> faults =
        [
            .. folders.Except(Functions.Keys).Order(StringComparer.Ordinal)
                .Select(name => $"Function folder '{name}' has no code: add it to the function table."),
            .. Functions.Keys.Where(name => !folders.Contains(name)).Order(StringComparer.Ordinal)
                .Select(name => $"Function '{name}' has code but no folder: add '{name}/function.json' with a timer or queue trigger."),
        ];
        if (faults.Count > 0)
            throw new StartException(faults);
    }
}
