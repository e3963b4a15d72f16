namespace ContributionIngest.Core.People;

/// <summary>Somebody with a ledger.</summary>
public sealed record Person
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public string? Email { get; init; }

    /// <summary>IANA name; days, weeks and months are counted in it.</summary>
    public string Zone { get; init; } = "UTC";

    /// <summary>BCP 47.</summary>
    public string Locale { get; init; } = "en";

    public bool Operator { get; init; }

    public required DateTimeOffset Since { get; init; }
}

/// <summary>One person's tie to one place in a source, as the person set it. What harvests learn stands in <see cref="ConnectionState"/>.</summary>
public sealed record Connection
{
    public required string Id { get; init; }

    public required string Source { get; init; }

    /// <summary>Goes into identities; stays when the place moves.</summary>
    public required string Origin { get; init; }

    public string? Title { get; init; }

    /// <summary>The page a person would look at.</summary>
    public string? Url { get; init; }

    /// <summary>Settings of the source for this connection, by name (author, role, …).</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public bool Paused { get; init; }

    public bool Verified { get; init; }

    public required DateTimeOffset Since { get; init; }
}
