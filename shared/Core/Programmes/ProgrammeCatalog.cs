namespace ContributionIngest.Core.Programmes;

/// <summary>All programmes: those that come with the product, and those of the operator, which replace ours of the same id.</summary>
public sealed class ProgrammeCatalog
{
    private const string Prefix = "programme/";
    private const long MaxBytes = 256 * 1024;

    private readonly Dictionary<string, Programme> byId = new(StringComparer.Ordinal);
    private readonly List<ProgrammeFault> faults = [];

    /// <param name="folder">The operator's files, <c>*.json</c>; null if there are none.</param>
    public ProgrammeCatalog(string? folder = null)
    {
        var assembly = typeof(ProgrammeCatalog).Assembly;
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            Add(name[Prefix.Length..], bytes);
        }

        if (folder is null || !Directory.Exists(folder))
            return;
        foreach (var file in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            if (new FileInfo(file).Length > MaxBytes)
                faults.Add(new ProgrammeFault(file, 1, $"It is larger than {MaxBytes / 1024} KB."));
            else
                Add(file, File.ReadAllBytes(file));
        }
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<Programme> All => field ??= [.. byId.Values.OrderBy(programme => programme.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>Files that were refused. The others are there.</summary>
    public IReadOnlyList<ProgrammeFault> Faults => faults;

    public Programme? Find(string id) => byId.GetValueOrDefault(id);

    private void Add(string file, byte[] bytes)
    {
        var (programme, fault) = ProgrammeFile.Read(file, bytes);
        if (programme is not null)
            byId[programme.Id] = programme;
        else
            faults.Add(fault!);
    }
}
