using ContributionIngest.Core.Ledger;
using ContributionIngest.Core.Model;
using Microsoft.Net.Http.Headers;

namespace ContributionIngest.Functions.Api;

/// <summary><c>If-Match</c> (RFC 9110 section 13.1.1): the change is made only to the entry the caller looked at.</summary>
internal static class LedgerCondition
{
    public static bool Holds(HttpRequest request, Contribution entry)
    {
        if (request.Headers.IfMatch.Count == 0)
            return true;
        var tag = new EntityTagHeaderValue($"\"{LedgerEditor.Tag(entry)}\"");
        return EntityTagHeaderValue.TryParseList(request.Headers.IfMatch, out var seen)
            && seen.Any(s => s.Tag == "*" || s.Compare(tag, useStrongComparison: true));
    }
}
