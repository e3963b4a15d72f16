using ContributionIngest.Core.Contributions;
using ContributionIngest.Core.People;
using NodaTime;

namespace ContributionIngest.Web.Ledger;

/// <summary>The form that keeps or changes a template.</summary>
/// <param name="Template">The one that is changed; null for a new one.</param>
public sealed record TemplateView(ContributionTemplate? Template, IReadOnlyList<EntryField> Fields)
{
    /// <summary>Where the form is posted to.</summary>
    public string Path => Template is null ? "/log/templates" : $"/log/templates/{Template.Id}";

    public EntryField Field(string name) => Fields.First(field => field.Name == name);

    public IReadOnlyList<EntryField> Faults => [.. Fields.Where(known => known.Fault is not null)];
}

/// <summary>What is said of a template.</summary>
public static class TemplateText
{
    /// <summary>"40 attended, 60 minutes, last on 8 Oct 2026".</summary>
    public static string Facts(ContributionTemplate template, DateTimeZone zone) => string.Join(", ", NumberText.Ordered(template.Metrics.Keys)
        .Select(name => NumberText.Count(name, template.Metrics[name])).Append(template.LastUsed is { } last ? $"last on {Numbers.Day(MonthRollup.Day(last, zone))}" : "not logged yet"));
}
