namespace ContributionIngest.Tests.Infrastructure;

/// <summary>A folder of a test's own, gone with it.</summary>
public sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("contributioningest-");

    public string FullName => folder.FullName;

    public string File(string name) => Path.Combine(folder.FullName, name);

    public void Dispose()
    {
        if (folder.Exists)
            folder.Delete(recursive: true);
    }
}
