namespace ContributionIngest.Formats.Web;

/// <summary>A link of a <c>Link</c> header (RFC 8288).</summary>
/// <param name="Target">As written; may be relative to the address of the response.</param>
/// <param name="Rel">Relation types, in lower case, separated by spaces; empty if there are none.</param>
/// <param name="Type">Media type, as written.</param>
/// <param name="Title">For people, as written.</param>
public sealed record LinkHeader(string Target, string Rel, string? Type, string? Title)
{
    /// <summary>Whether it has this relation type, given in lower case.</summary>
    public bool HasRelation(string relation) => Rel.Split(' ').Contains(relation, StringComparer.Ordinal);

    /// <summary>The links of a header; unreadable parts are left out.</summary>
    public static IEnumerable<LinkHeader> Parse(string? header)
    {
        var rest = header ?? "";
        while (rest.IndexOf('<', StringComparison.Ordinal) is var open and >= 0 && rest.IndexOf('>', open) is var close and >= 0)
        {
            var target = rest[(open + 1)..close].Trim();
            rest = rest[(close + 1)..];
            var end = End(rest);
            yield return Read(target, rest[..end]);
            rest = rest[end..];
        }
    }

    private static LinkHeader Read(string target, string parameters)
    {
        string? rel = null, type = null, title = null;
        foreach (var parameter in Split(parameters))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                continue;
            var value = parameter[(equals + 1)..].Trim().Trim('"');
            switch (parameter[..equals].Trim().ToLowerInvariant())
            {
                case "rel":
                    rel ??= value.ToLowerInvariant();
                    break;
                case "type":
                    type ??= value;
                    break;
                case "title":
                    title ??= value;
                    break;
            }
        }

        return new(target, rel ?? "", type, title);
    }

    /// <summary>Start of the next link: the first comma outside quotes.</summary>
    private static int End(string text)
    {
        var quoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '"')
                quoted = !quoted;
            else if (text[i] == ',' && !quoted)
                return i;
        }

        return text.Length;
    }

    private static IEnumerable<string> Split(string parameters)
    {
        var (start, quoted) = (0, false);
        for (var i = 0; i < parameters.Length; i++)
        {
            if (parameters[i] == '"')
                quoted = !quoted;
            if (parameters[i] != ';' || quoted)
                continue;
            yield return parameters[start..i];
            start = i + 1;
        }

        yield return parameters[start..];
    }
}
