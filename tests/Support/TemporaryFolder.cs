namespace ContributionIngest.Tests.Support;

/// <summary>A folder of a test's own, gone with it; or one of somebody else's, which stays.</summary>
public sealed class TemporaryFolder(string? existing = null) : IDisposable
{
    private readonly DirectoryInfo folder =
        existing is null ? Directory.CreateTempSubdirectory("contributioningest-") : new DirectoryInfo(existing);

    public string FullName => folder.FullName;

    public string File(string name) => Path.Combine(folder.FullName, name);

    public void Dispose()
    {
        if (existing is null && folder.Exists)
            folder.Delete(recursive: true);
    }
}
