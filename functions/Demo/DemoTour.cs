namespace ContributionIngest.Functions.Demo;

/// <summary>What to open and what to try. The lines can be pasted one by one or all together.</summary>
internal static class DemoTour
{
    /// <param name="revised">Ids of revised entries.</param>
    /// <param name="blog">A page that can be previewed.</param>
    public static void Print(TextWriter output, DemoApi api, IReadOnlyList<string> revised, Uri blog)
    {
        output.WriteLine($"Open   {api.Address("/")}");
        output.WriteLine("Stop   Ctrl-C; the demo's data goes with it");
        output.WriteLine();
        output.WriteLine("Ask the ledger from another terminal:");
        Line("the newest five entries", "/api/ledger?limit=5");
        Line("everything, ready for a spreadsheet", "/api/ledger?format=csv&limit=all");
        foreach (var id in revised)
            Line("a post that was changed after it was harvested, with all its revisions", $"/api/ledger/{id}/history");
        Line("how much of what, month by month", "/api/ledger/summary?by=month&split=kind");
        Line("the year as a picture; add  -o year.svg  and open it", "/api/charts/heatmap.svg");
        Line("the connections and how they are", "/api/connections");
        Line("the talk that was logged by hand", "/api/ledger?source=manual");
        Line("everything about SQLite", "/api/ledger?q=sqlite");
        Line("what connecting the whole team's blog would bring; nothing is written", "/api/preview", $$"""{"address":"{{blog.AbsoluteUri}}"}""");
        output.Flush();

        void Line(string what, string path, string? body = null)
        {
            var sent = body is null ? "" : $"-H 'Content-Type: application/json' -d '{body}' ";
            output.WriteLine();
            output.WriteLine($"# {what}");
            output.WriteLine($"curl -s -H 'Authorization: Bearer {api.Key}' {sent}'{api.Address(path)}'");
        }
    }
}
