using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Sources;

namespace ContributionIngest.Functions.Api;

/// <summary>What a person may set for a connection: the source's own list says.</summary>
internal static class ConnectionOptions
{
    private const int Longest = 500;

    /// <returns>The refusal of the first name or value that is not allowed, or null.</returns>
    public static IResult? Fault(ISource source, IReadOnlyDictionary<string, string> options)
    {
        foreach (var (name, value) in options)
        {
            var field = $"options.{Normaliser.Text(name, 60)}";
            var option = source.About.Options.FirstOrDefault(o => string.Equals(o.Name, name, StringComparison.Ordinal));
            if (option is null)
                return Problems.Invalid(field, $"A {source.About.Name} connection has no such option; it has {List(source)}.");
            if (option.Allowed is { } allowed && !allowed.Contains(value, StringComparer.Ordinal))
                return Problems.Invalid(field, $"It is '{Normaliser.Text(value, 60)}'; allowed are {string.Join(", ", allowed)}.");
            if (value.Length > Longest)
                return Problems.Invalid(field, $"It has more than {Longest} characters.");
        }

        return null;
    }

    private static string List(ISource source) =>
        source.About.Options.Count == 0 ? "none" : string.Join(", ", source.About.Options.Select(o => $"{o.Name} ({o.What})"));
}
