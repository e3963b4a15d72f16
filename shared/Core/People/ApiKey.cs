using System.Text.Json.Serialization;

namespace ContributionIngest.Core.People;

[Flags]
[JsonConverter(typeof(ScopeConverter))]
public enum Scope
{
    None = 0,
    Read = 1,
    Write = 2,

    /// <summary>Manage people and see operational status.</summary>
    Operate = 4,
}

/// <summary>A key as it is kept: never the key itself.</summary>
/// <param name="Start">First characters, so that people can tell their keys apart.</param>
/// <param name="LastUsed">A day; written at most once a day.</param>
public sealed record ApiKey(string Id, string Name, Scope Scope, string Start, DateTimeOffset Since, DateOnly? LastUsed = null);
