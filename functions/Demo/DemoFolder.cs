namespace ContributionIngest.Functions.Demo;

/// <summary>A data folder for one run.</summary>
internal sealed class DemoFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("contributioningest-demo-");

    public string Path => folder.FullName;

    public void Dispose() => folder.Delete(recursive: true);
}
