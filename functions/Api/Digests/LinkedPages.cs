using ContributionIngest.Core.Digests;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Web.Digests;
using ContributionIngest.Web.Ledger;
using Microsoft.AspNetCore.Components;

namespace ContributionIngest.Functions.Api.Digests;

/// <summary>Pages that only their address leads to, for whoever opens them. What they post is authorised by their address.</summary>
internal static class LinkedPages
{
    public static IResult Show<TPage>(HttpContext context, string language, string title, int status, params ReadOnlySpan<(string Name, object? Value)> parameters)
        where TPage : IComponent
    {
        context.Response.Headers["X-Robots-Tag"] = "noindex";
        return new PageResult<TPage>(title, parameters) { Language = language, IsAlone = true, IsNarrow = true, HasNoForms = true, Status = status };
    }

    public static IResult Show(HttpContext context, DigestTexts texts, LinkedView view, int status = StatusCodes.Status200OK) =>
        Show<LinkedPage>(context, texts.Language, view.Title, status, (nameof(LinkedPage.View), view));

    /// <summary>The form again with what is wrong with it; what was typed stays.</summary>
    public static IResult Refuse(HttpContext context, DigestTexts texts, LinkedView view, LedgerFields read)
    {
        var fields = view.Fields.Select(field => field with { Fault = Joined(read.FaultsOf(field.Name)) }).ToList();
        var others = Joined(read.Faults.Except(fields.SelectMany(field => read.FaultsOf(field.Name)), StringComparer.Ordinal));
        return Show(context, texts, view with { Fields = fields, Refusal = others is null ? texts["act.refused"] : $"{texts["act.refused"]} {others}" }, StatusCodes.Status400BadRequest);
    }

    private static string? Joined(IEnumerable<string> faults) => string.Join(' ', faults) is { Length: > 0 } text ? text : null;
}
