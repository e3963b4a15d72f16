namespace ContributionIngest.Tests.Hosts;

internal static class Repository
{
    /// <summary>The folder of the solution, found upwards from the tests' own.</summary>
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Find(DirectoryInfo folder) =>
        File.Exists(Path.Combine(folder.FullName, "ContributionIngest.sln"))
            ? folder.FullName
            : Find(folder.Parent ?? throw new DirectoryNotFoundException("ContributionIngest.sln stands above no folder of the tests."));
}
