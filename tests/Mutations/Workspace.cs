using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace ContributionIngest.Mutations;

/// <summary>A copy of the checkout with all mutants in one build. It is kept, so that the next build is short.</summary>
internal sealed partial class Workspace(string checkout, string copy)
{
    private const string Tests = "tests/tests.csproj";

    /// <summary>Where each mutant stands in the written file.</summary>
    private readonly Dictionary<string, (string Text, List<(TextSpan Span, Mutant Mutant)> Places)> written = new(StringComparer.Ordinal);

    public string Program => Path.Combine(copy, "tests", "bin", "Debug", "net10.0", "ContributionIngest.Tests.dll");

    public string Read(string file) => File.ReadAllText(Path.Combine(checkout, file));

    /// <summary>All files but the tool, and in the tests the runner as entry point.</summary>
    public void Copy(IReadOnlySet<string> without)
    {
        var listed = new List<string>();
        Run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], checkout, listed.Add);
        foreach (var file in listed.Where(file => !without.Contains(file) && file != Tests && !file.StartsWith("tests/Mutations/", StringComparison.Ordinal)))
        {
            if (File.Exists(Path.Combine(checkout, file)))
                Write(file, File.ReadAllBytes(Path.Combine(checkout, file)));
        }

        foreach (var old in Directory.Exists(copy) ? Directory.EnumerateFiles(copy, "*.cs", SearchOption.AllDirectories).ToList() : [])
        {
            var file = Path.GetRelativePath(copy, old);
            if (!file.Split('/').Contains("obj") && !listed.Contains(file))
                File.Delete(old);
        }

        Write("shared/Core/Mutant.cs", File.ReadAllBytes(Path.Combine(checkout, "tests/Mutations/Checkout/Mutant.cs")));
        Write("tests/MutantRunner.cs", File.ReadAllBytes(Path.Combine(checkout, "tests/Mutations/Checkout/MutantRunner.cs")));
        Write(Tests, Read(Tests)
            .Replace("<OutputType>Exe</OutputType>", "<OutputType>Exe</OutputType><StartupObject>ContributionIngest.Tests.MutantRunner</StartupObject>", StringComparison.Ordinal));
    }

    /// <summary>Writes a file with its mutants, of which one encloses another or stands apart from it.</summary>
    public void Write(string file, IEnumerable<Mutant> mutants)
    {
        var original = Read(file);
        var text = new StringBuilder();
        var places = new List<(TextSpan, Mutant)>();
        var sorted = new Queue<Mutant>(mutants.OrderBy(m => m.Candidate.Span.Start).ThenByDescending(m => m.Candidate.Span.Length).ThenBy(m => m.Number));
        Append(0, original.Length);
        written[file] = (text.ToString(), places);
        Write(file, Encoding.UTF8.GetBytes(text.ToString()));

        void Append(int from, int to)
        {
            while (sorted.TryPeek(out var mutant) && mutant.Candidate.Span.End <= to)
            {
                sorted.Dequeue();
                var (span, candidate) = (mutant.Candidate.Span, mutant.Candidate);
                text.Append(original, from, span.Start - from);
                var start = text.Length;
                text.Append(candidate.Before).Append(mutant.Number).Append(candidate.Between);
                Append(span.Start, span.End);
                text.Append(candidate.After);
                places.Add((TextSpan.FromBounds(start, text.Length), mutant));
                from = span.End;
            }

            text.Append(original, from, to - from);
        }
    }

    /// <summary>Builds a project. The mutants that the compiler refuses; null if it took all.</summary>
    public IReadOnlyList<Mutant>? Build(string project)
    {
        var lines = new List<string>();
        if (Run("dotnet", ["build", project, "-m:1", "-v", "q", "--nologo", "-p:TreatWarningsAsErrors=false", "-p:WarningLevel=0", "-p:NuGetAudit=false"], copy, lines.Add) == 0)
            return null;
        var output = string.Join('\n', lines);
        var refused = Errors().Matches(output).SelectMany(error => BlamedFor(
                Path.GetRelativePath(copy, error.Groups["file"].Value), Number(error, "line"), Number(error, "column"))).Distinct().ToList();
        return refused.Count > 0 ? refused : throw new InvalidOperationException($"The copy does not build:\n{output}");
    }

    /// <summary>The exit code. Each line of the standard output is given on as it comes.</summary>
    public static int Run(string program, IEnumerable<string> arguments, string folder, Action<string> said, IReadOnlyDictionary<string, string>? variables = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[name] = value;
        start.Environment.Remove("CORPORA");
        using var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        while (process.StandardOutput.ReadLine() is { } line)
            said(line);
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>The innermost mutant around an error; if there is none, all mutants of the member.</summary>
    private IEnumerable<Mutant> BlamedFor(string file, int line, int column)
    {
        if (!written.TryGetValue(file, out var source))
            return [];
        var tree = CSharpSyntaxTree.ParseText(source.Text);
        var position = tree.GetText().Lines[line - 1].Start + column - 1;
        var around = source.Places.Where(place => place.Span.Contains(position)).OrderBy(place => place.Span.Length).Take(1).ToList();
        if (around.Count == 0 && tree.GetRoot().FindToken(position).Parent?.FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } member)
            around = [.. source.Places.Where(place => member.Span.Contains(place.Span))];
        return around.Select(place => place.Mutant);
    }

    private void Write(string file, byte[] content)
    {
        var path = Path.Combine(copy, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            File.WriteAllBytes(path, content);
    }

    private void Write(string file, string content) => Write(file, Encoding.UTF8.GetBytes(content));

    private static int Number(Match match, string group) => int.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*(?<file>[^\s(][^(]*)\((?<line>\d+),(?<column>\d+)\): error ", RegexOptions.Multiline | RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Errors();
}
