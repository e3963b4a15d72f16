using System.Text.Json;
using System.Text.RegularExpressions;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Areas;

namespace ContributionIngest.Core.Programmes;

/// <summary>What is wrong with a programme file.</summary>
/// <param name="Line">Counted from 1.</param>
public sealed record ProgrammeFault(string File, int Line, string Reason);

/// <summary>Reads a programme file. One that is faulty is refused whole, with the line and the reason.</summary>
public static partial class ProgrammeFile
{
    private const int MaxText = 500;
    private const int MaxId = 60;

    /// <summary>Whether it could be the id of a programme.</summary>
    public static bool IsId(string id) => id.Length <= MaxId && Id().IsMatch(id);

    /// <returns>The programme, or else what is wrong.</returns>
    public static (Programme? Programme, ProgrammeFault? Fault) Read(string file, ReadOnlySpan<byte> json)
    {
        Programme? read;
        try
        {
            read = JsonSerializer.Deserialize(json, ProgrammeJson.Default.Programme);
        }
        catch (JsonException e)
        {
            return (null, new ProgrammeFault(file, (int)(e.LineNumber ?? 0) + 1, e.Message.Split(" Path:")[0]));
        }

        if (read is null)
            return (null, new ProgrammeFault(file, 1, "There is no programme in it."));
        return Fault(read) is var (path, reason) ? (null, new ProgrammeFault(file, path.StartsWith("form", StringComparison.Ordinal) ? FormFile.Line(json, path) : Line(json, path), reason)) : (read, null);
    }

    private static (string Path, string Reason)? Fault(Programme read)
    {
        if (!IsId(read.Id))
            return ("id", $"'{read.Id}' is longer than {MaxId} characters, or has others than lower-case letters, digits and hyphens.");
        if (read.Name.Trim().Length is 0 or > 100)
            return ("name", "The name is empty or longer than 100 characters.");
        if (read.Url is not null && Normaliser.Address(read.Url) is null)
            return ("url", $"'{read.Url}' is not a web address.");
        if (read.Areas is { } areas && AreaList.Find(areas) is null)
            return ("areas", $"There is no list of areas '{areas}'.");
        if (read.About.Any(word => AreaList.Fold(word).Length == 0))
            return ("about", "A word is empty.");
        if (read.Window is { } window && Fault(window) is { } wrong)
            return ("window", wrong);
        foreach (var (at, rule) in read.Rules.Index())
        {
            if (Fault(rule) is { } reason)
                return ($"rules[{at}]", reason);
        }

        return read.Form is null ? null : FormFault(read.Form, read.Areas is not null);
    }

    private static string? Fault(WindowRule window)
    {
        if (window.Months is < 1 or > 60)
            return "A window has 1 to 60 months.";
        if (window.Kind == WindowKind.Fixed && !WindowRule.TryReadBegins(window.Begins, out _, out _))
            return "A fixed window says when it begins, such as \"begins\": \"04-01\".";
        if (window.Kind != WindowKind.Fixed && window.Begins is not null)
            return "Only a fixed window begins on the same day for everybody.";
        return Origin(window.Source, window.Seen);
    }

    private static string? Fault(ProgrammeRule rule)
    {
        if (rule.Text.Trim().Length is 0 or > MaxText)
            return $"The text of a rule is empty or longer than {MaxText} characters.";
        if (rule.Mark != RuleMark.Published && HasFigure(rule))
            return "Only a published rule may have a figure that something is compared with.";
        if (Figures(rule).Any(figure => figure < 1))
            return "A figure is at least 1.";
        if (rule.Days is { } days && days.Keys.Any(key => !int.TryParse(key, out var number) || number < 1))
            return "Days are numbers from 1 on.";
        return Origin(rule.Source, rule.Seen);
    }

    private static bool HasFigure(ProgrammeRule rule) => rule.Days is not null || rule.Points is not null || rule.Levels is not null || rule.Sizes is not null || Figures(rule).Any();

    private static IEnumerable<int> Figures(ProgrammeRule rule) =>
        new[] { rule.AtLeast, rule.AtMost }.OfType<int>().Concat(rule.Points?.Values ?? []).Concat(rule.Levels?.Values ?? []).Concat(rule.Sizes?.Values.SelectMany(sizes => sizes.Values) ?? []);

    private static (string Path, string Reason)? FormFault(Form form, bool hasAreas) =>
        Origin(form.Source, form.Seen) is { } origin ? ("form", origin) : FormFile.Fault(form, hasAreas);

    private static string? Origin(string source, string seen)
    {
        if (source.Trim().Length == 0)
            return "The source is empty.";
        return Seen().IsMatch(seen) ? null : $"'{seen}' is not when it was seen: a year, a month such as 2026-07, or a day.";
    }

    /// <summary>The line on which the value at a path begins; 1 if there is none.</summary>
    private static int Line(ReadOnlySpan<byte> json, string path)
    {
        var reader = new Utf8JsonReader(json);
        var (name, index) = path.Split('[') is [var list, var number] ? (list, int.Parse(number[..^1], System.Globalization.CultureInfo.InvariantCulture)) : (path, -1);
        var (isIn, items) = (false, -1);
        while (reader.Read())
        {
            if (isIn && reader is { CurrentDepth: 2, TokenType: JsonTokenType.StartObject } && ++items == index)
                return LineAt(json, reader.TokenStartIndex);
            if (reader is not { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName })
                continue;
            isIn = reader.ValueTextEquals(name);
            if (isIn && index < 0)
                return LineAt(json, reader.TokenStartIndex);
        }

        return 1;
    }

    private static int LineAt(ReadOnlySpan<byte> json, long index) => json[..(int)index].Count((byte)'\n') + 1;

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Id();

    [GeneratedRegex(@"^\d{4}(-\d{2}(-\d{2})?)?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Seen();
}
