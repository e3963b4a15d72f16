namespace ContributionIngest.Formats.Web;

/// <summary>One link of a <c>Link</c> header (RFC 8288).</summary>
/// <param name="Target">As it stands there; may be relative to the answer's address.</param>
/// <param name="Rel">Relation types separated by spaces, in lower case.</param>
public sealed record LinkHeader(string Target, string Rel, string? Type, string? Title)
{
    public bool HasRelation(string relation) => Rel.Split(' ').Contains(relation, StringComparer.Ordinal);

    /// <summary>What cannot be read is left out.</summary>
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

    /// <summary>Where the next link begins: the first comma outside quotes.</summary>
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
