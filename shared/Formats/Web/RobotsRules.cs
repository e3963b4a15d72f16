using System.Globalization;
using System.Text;

namespace ContributionIngest.Formats.Web;

/// <summary>What a site lets one program read, by its <c>robots.txt</c> (RFC 9309). Takes any input, in time linear in its length.</summary>
/// <param name="Rules">In document order, at most 2,000.</param>
/// <param name="CrawlDelay">Seconds between requests, which the RFC does not have but sites state; null if absent.</param>
public sealed record RobotsRules(IReadOnlyList<RobotsRule> Rules, double? CrawlDelay)
{
    /// <summary>Bytes that are read; the RFC asks for 500 KiB at least (section 2.5).</summary>
    public const int MaxBytes = 512 * 1024;

    private const int MaxRules = 2_000;
    private const int LongestPattern = 2_000;

    /// <summary>For a site without such a file.</summary>
    public static RobotsRules None { get; } = new([], null);

    /// <param name="product">The program's product token, without a version.</param>
    public static RobotsRules Read(ReadOnlySpan<byte> file, string product)
    {
        var (own, everybody) = (new Group(), new Group());
        var (isOwn, isEverybody, inAgents) = (false, false, false);
        var text = Encoding.UTF8.GetString(Whole(file));
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var (name, value) = Parts(line);
            switch (name)
            {
                case "user-agent":
                    (isOwn, isEverybody) = inAgents ? (isOwn, isEverybody) : (false, false);
                    inAgents = true;
                    isOwn |= Product(value).Equals(product, StringComparison.OrdinalIgnoreCase);
                    isEverybody |= value == "*";
                    break;
                case "allow" or "disallow":
                    inAgents = false;
                    Add(group => group.Add(new RobotsRule(name == "allow", Normalize(value))));
                    break;
                case "crawl-delay":
                    var delay = double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? seconds : (double?)null;
                    Add(group => group.CrawlDelay ??= delay);
                    break;
            }
        }

        var group = own.IsNamed ? own : everybody;
        return new RobotsRules(group.Rules, group.CrawlDelay);

        void Add(Action<Group> add)
        {
            own.IsNamed |= isOwn;
            if (isOwn)
                add(own);
            if (isEverybody)
                add(everybody);
        }
    }

    /// <summary>By the rule whose pattern is longest; if two are, reading is allowed (section 2.2.2).</summary>
    public bool IsAllowed(Uri address)
    {
        var path = Normalize(address.PathAndQuery);
        if (path == "/robots.txt")
            return true;
        var (longest, isAllowed) = (-1, true);
        foreach (var rule in Rules)
        {
            if (rule.Pattern.Length < longest || !rule.Matches(path))
                continue;
            isAllowed = rule.IsAllowed || (rule.Pattern.Length == longest && isAllowed);
            longest = rule.Pattern.Length;
        }

        return isAllowed;
    }

    /// <summary>The lines that are read: half of one would be another rule.</summary>
    private static ReadOnlySpan<byte> Whole(ReadOnlySpan<byte> file) => file.Length <= MaxBytes ? file : file[..Math.Max(0, file[..MaxBytes].LastIndexOf((byte)'\n'))];

    /// <summary>A line's name in lower case and its value, without the comment.</summary>
    private static (string Name, string Value) Parts(ReadOnlySpan<char> line)
    {
        if (line.IndexOf('#') is >= 0 and var comment)
            line = line[..comment];
        var colon = line.IndexOf(':');
        return colon < 0 ? ("", "") : (line[..colon].Trim(" \t\uFEFF").ToString().ToLowerInvariant(), line[(colon + 1)..].Trim().ToString());
    }

    /// <summary>Sites write a version behind the token, which does not count.</summary>
    private static string Product(string agent) => string.Concat(agent.TakeWhile(c => char.IsAsciiLetter(c) || c is '-' or '_'));

    /// <summary>Characters that need no escape as themselves, all others escaped (section 2.2.2).</summary>
    private static string Normalize(string path)
    {
        var text = new StringBuilder(path.Length);
        var bytes = Encoding.UTF8.GetBytes(path);
        for (var at = 0; at < bytes.Length; at++)
        {
            var c = (char)bytes[at];
            if (c == '%' && at + 2 < bytes.Length && char.IsAsciiHexDigit((char)bytes[at + 1]) && char.IsAsciiHexDigit((char)bytes[at + 2]))
            {
                c = (char)Convert.ToByte(Encoding.ASCII.GetString(bytes, at + 1, 2), 16);
                at += 2;
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_' or '~'))
                    text.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}");
                else
                    text.Append(c);
            }
            else if (c is <= ' ' or > '~')
            {
                text.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}");
            }
            else
            {
                text.Append(c);
            }
        }

        return text.ToString();
    }

    private sealed class Group
    {
        public List<RobotsRule> Rules { get; } = [];

        public double? CrawlDelay { get; set; }

        /// <summary>The file has a group for this program.</summary>
        public bool IsNamed { get; set; }

        public void Add(RobotsRule rule)
        {
            if (rule.Pattern.Length is > 0 and <= LongestPattern && Rules.Count < MaxRules)
                Rules.Add(rule);
        }
    }
}

/// <param name="Pattern">The beginning of a path, in which <c>*</c> is anything and <c>$</c> at the end means the end.</param>
public sealed record RobotsRule(bool IsAllowed, string Pattern)
{
    /// <param name="path">With its query, normalised as the pattern is.</param>
    internal bool Matches(string path)
    {
        var isWhole = Pattern.EndsWith('$');
        var parts = (isWhole ? Pattern[..^1] : Pattern).Split('*');
        if (!path.StartsWith(parts[0], StringComparison.Ordinal))
            return false;
        var at = parts[0].Length;
        if (parts.Length == 1)
            return !isWhole || at == path.Length;
        foreach (var part in parts.AsSpan(1, parts.Length - 2))
        {
            var found = path.IndexOf(part, at, StringComparison.Ordinal);
            if (found < 0)
                return false;
            at = found + part.Length;
        }

        var last = parts[^1];
        return isWhole
            ? path.Length - at >= last.Length && path.EndsWith(last, StringComparison.Ordinal)
            : path.IndexOf(last, at, StringComparison.Ordinal) >= 0;
    }
}
