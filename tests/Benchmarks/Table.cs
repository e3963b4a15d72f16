namespace ContributionIngest.Tests.Benchmarks;

/// <summary>A table in Markdown, so that it can be kept in the README as it was printed.</summary>
internal sealed class Table(params string[] head)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] row) => _rows.Add(row);

    public void Print()
    {
        Console.WriteLine("| " + string.Join(" | ", head) + " |");
        Console.WriteLine("|" + string.Concat(head.Select(_ => "---|")));
        foreach (var row in _rows) Console.WriteLine("| " + string.Join(" | ", row) + " |");
        Console.WriteLine();
    }
}
