namespace ContributionIngest.Functions.Demo;

/// <summary>A blog or a provider of the world: it answers on loopback as the real one does, for the invented person alone.</summary>
internal interface IWorldSite
{
    /// <summary>Its invented host; on loopback it is the first part of the path.</summary>
    string Name { get; }

    /// <summary>The source that reads it.</summary>
    string Source { get; }

    /// <summary>What the person types to connect.</summary>
    string Typed { get; }

    /// <summary>What is there, for people who watch.</summary>
    string About { get; }

    /// <summary>Of the connection.</summary>
    Dictionary<string, string> Options => [];

    /// <summary>What the program has to be told so that it asks here.</summary>
    Dictionary<string, string?> Settings => [];

    /// <param name="site">Everything below <see cref="Name"/>.</param>
    void Map(RouteGroupBuilder site);
}
