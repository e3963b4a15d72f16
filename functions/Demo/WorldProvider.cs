namespace ContributionIngest.Functions.Demo;

/// <summary>A provider of the world that is no blog: it answers on loopback as the real one does, for the invented person alone.</summary>
/// <param name="Site">Its invented host; on loopback it is the first part of the path.</param>
/// <param name="Source">The source that reads it.</param>
/// <param name="Typed">What the person types to connect, from the provider's own root.</param>
/// <param name="About">What is there, for people who watch.</param>
/// <param name="Options">Of the connection.</param>
/// <param name="Settings">What the program has to be told so that it asks here, from the provider's own root (it ends with a slash).</param>
/// <param name="Answer">Answers what is asked below the root; the path is relative to it.</param>
internal sealed record WorldProvider(
    string Site,
    string Source,
    Func<Uri, string> Typed,
    string About,
    IReadOnlyDictionary<string, string> Options,
    Func<Uri, IReadOnlyDictionary<string, string?>> Settings,
    RequestDelegate Answer);
