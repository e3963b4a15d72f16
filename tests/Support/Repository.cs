namespace ContributionIngest.Tests.Support;

/// <summary>The project's own folder, wherever the tests were built to.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string Find(string? folder)
    {
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder, "ContributionIngest.sln")))
            folder = System.IO.Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests do not lie within the project.");
    }
}
