namespace ContributionIngest.Core.Harvest.Hooks;

/// <summary>A person's own webhook: what comes through it reaches that person's one connection and nothing else.</summary>
public sealed record Hook
{
    /// <summary>Last part of its address; nobody can guess it.</summary>
    public required string Id { get; init; }

    public required string Person { get; init; }

    public required string Connection { get; init; }

    /// <summary>Of the connection, which never changes.</summary>
    public required string Origin { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>What deliveries may be signed with, newest first.</summary>
    public required IReadOnlyList<HookSecret> Secrets { get; init; }

    public override string ToString() => $"hook of connection {Connection}";
}

/// <param name="Sealed">By the ring, for <c>hook|(id)</c>.</param>
/// <param name="Until">Null: until there is a newer one.</param>
public sealed record HookSecret(string Sealed, DateTimeOffset? Until = null);

/// <summary>The last delivery that was rightly signed.</summary>
public sealed record LastDelivery(DateTimeOffset At, string Event);

/// <summary>Where a delivery came in.</summary>
/// <param name="Hook">Null for the hook of the operator's app.</param>
public sealed record WebhookEndpoint(string Id, Hook? Hook, LastDelivery? Last);
