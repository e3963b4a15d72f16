using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Mail;
using ContributionIngest.Core.Contributions.Queries;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Standalone;
using NodaTime.Text;

namespace ContributionIngest.Functions.Configuration;

/// <summary>Reads settings one by one and collects all errors instead of stopping at the first. No error contains a secret.</summary>
internal sealed class SettingReader(IConfiguration configuration)
{
    private readonly List<string> faults = [];
    private readonly List<string> asked = [];

    public IReadOnlyList<string> Faults => faults;

    public IReadOnlyList<string> Asked => asked;

    public void Fault(string sentence) => faults.Add(sentence);

    /// <summary>A trimmed single-line value; null if it is not set or empty.</summary>
    public string? Line(string name)
    {
        asked.Add(name);
        var value = configuration[name.Replace("__", ":", StringComparison.Ordinal)]?.Trim();
        if (value is not null && value.Any(char.IsControl))
            faults.Add($"{name} holds a control character, allowed is one line of text.");
        return string.IsNullOrEmpty(value) ? null : value;
    }

    /// <summary>Null if it is not set.</summary>
    /// <param name="least">Characters; a shorter one could be guessed.</param>
    public string? Secret(string name, int least)
    {
        var value = Line(name);
        if (value?.Length < least)
            faults.Add($"{name} has {value.Length} characters, allowed are {least} or more.");
        return value;
    }

    public string Folder(string name, string fallback)
    {
        var value = Line(name) ?? fallback;
        // It is a fault already, and no path.
        if (value.Any(char.IsControl))
            return fallback;
        if (!Path.IsPathFullyQualified(value))
            value = Path.GetFullPath(value);
        return File.Exists(value) ? Wrong(name, value, "a folder, which may not exist yet", fallback) : value;
    }

    public ListenAddress Listen(string name)
    {
        var fallback = ListenAddress.Default;
        if (Line(name) is not { } value)
            return fallback;
        const string Allowed = "http://ADDRESS:PORT with an IP address, localhost or * (put a proxy in front for https)";
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(value);
        }
        catch (FormatException)
        {
            return Wrong(name, value, Allowed, fallback);
        }

        var host = address.Host is "+" or "0.0.0.0" ? "*" : address.Host.Trim('[', ']');
        var good = address is { Scheme: "http", PathBase: "", IsUnixPipe: false, Port: >= 0 and <= 65535 }
            && (host is "*" or "localhost" || IPAddress.TryParse(host, out _));
        return good ? new ListenAddress(host, address.Port) : Wrong(name, value, Allowed, fallback);
    }

    public Uri? Url(string name)
    {
        if (Line(name) is not { } value)
            return null;
        var good = Uri.TryCreate(value, UriKind.Absolute, out var uri)
            && uri is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" };
        return good ? new Uri(uri!.AbsoluteUri.TrimEnd('/')) : Wrong<Uri?>(name, value, "an http or https address without user, query or fragment", null);
    }

    public Uri Url(string name, string fallback) => Url(name) ?? new Uri(fallback);

    public IReadOnlyList<IPNetwork> Networks(string name)
    {
        List<IPNetwork> networks = [];
        foreach (var text in (Line(name) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPNetwork.TryParse(text, out var network))
                networks.Add(network);
            else
                Wrong(name, text, "networks in CIDR form such as 127.0.0.0/8,fd00::/8", 0);
        }

        return networks;
    }

    /// <summary>Errors name the position of an invalid value, never the value.</summary>
    public SecretKeys Keys(string name)
    {
        List<byte[]> keys = [];
        foreach (var (index, text) in (Line(name) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Index())
        {
            var bytes = new byte[SecretKeys.KeyBytes];
            if (text.Length == Base64.GetMaxEncodedToUtf8Length(bytes.Length) && Convert.TryFromBase64String(text, bytes, out var length) && length == bytes.Length)
                keys.Add(bytes);
            else
                Fault($"{name}: key {index + 1} is not {bytes.Length} bytes in base64, allowed is a list of such keys, newest first, as 'openssl rand -base64 {bytes.Length}' makes them.");
        }

        return new SecretKeys(keys);
    }

    public string? Email(string name) =>
        Line(name) is { } value && !(MailAddress.TryCreate(value, out var mail) && mail.Address == value)
            ? Wrong<string?>(name, value, "an email address", null)
            : configuration[name.Replace("__", ":", StringComparison.Ordinal)]?.Trim() is { Length: > 0 } good ? good : null;

    public string Zone(string name, string fallback)
    {
        var value = Line(name) ?? fallback;
        return value != fallback && NodaTime.DateTimeZoneProviders.Tzdb.GetZoneOrNull(value) is null
            ? Wrong(name, value, "an IANA time zone such as Europe/Berlin", fallback)
            : value;
    }

    public string? Account(string name)
    {
        var value = Line(name);
        return value is null || (value.Length is >= 3 and <= 24 && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c)))
            ? value
            : Wrong<string?>(name, value, "the name of a storage account: 3 to 24 lower-case letters and digits", null);
    }

    public int Count(string name, int fallback, int least, int most)
    {
        if (Line(name) is not { } value)
            return fallback;
        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= least && count <= most
            ? count
            : Wrong(name, value, $"a whole number from {least} to {most}", fallback);
    }

    public bool Flag(string name, bool fallback) => Line(name)?.ToLowerInvariant() switch
    {
        null => fallback,
        "true" => true,
        "false" => false,
        var other => Wrong(name, other, "true or false", fallback),
    };

    /// <summary>A member of an enumeration, case-insensitive; null if it is not set.</summary>
    public T? Choice<T>(string name)
        where T : struct, Enum
    {
        if (Line(name) is not { } value)
            return null;
        return Enum.GetNames<T>().Contains(value, StringComparer.OrdinalIgnoreCase)
            ? Enum.Parse<T>(value, ignoreCase: true)
            : Wrong<T?>(name, value, $"one of {string.Join(", ", Enum.GetNames<T>()).ToLowerInvariant()}", null);
    }

    public TimeSpan Span(string name, TimeSpan fallback, TimeSpan least, TimeSpan most)
    {
        if (Line(name) is not { } value)
            return fallback;
        return TimeSpan.TryParseExact(value, "c", CultureInfo.InvariantCulture, out var span) && span >= least && span <= most
            ? span
            : Wrong(name, value, $"a time span hh:mm:ss from {least:c} to {most:c}", fallback);
    }

    /// <summary>Null if it is not set.</summary>
    public DateTimeOffset? Instant(string name)
    {
        if (Line(name) is not { } value)
            return null;
        return InstantPattern.ExtendedIso.Parse(value) is { Success: true } parsed
            ? parsed.Value.ToDateTimeOffset()
            : Wrong<DateTimeOffset?>(name, value, "an ISO 8601 instant in UTC such as 2026-06-08T12:00:00Z", null);
    }

    /// <summary>Names that are set, are not settings, and differ from one by a letter or two.</summary>
    public IReadOnlyList<string> Hints() =>
    [
        .. from pair in configuration.AsEnumerable()
           where !string.IsNullOrEmpty(pair.Value)
           let name = pair.Key.Replace(":", "__", StringComparison.Ordinal)
           where !asked.Contains(name, StringComparer.OrdinalIgnoreCase)
           let near = Near(name, asked)
           where near is not null
           select $"{name} is no setting; did you mean {near}?",
    ];

    /// <summary>The name that was probably meant; null if none is within a letter or two.</summary>
    public static string? Near(string name, IEnumerable<string> names) =>
        names.Where(known => Math.Abs(known.Length - name.Length) <= 2).MinBy(known => Spelling.Distance(name, known)) is { Length: > 4 } near
            && Spelling.Distance(name, near) <= 2 ? near : null;

    private T Wrong<T>(string name, string value, string allowed, T instead)
    {
        faults.Add($"{name} is '{value}', allowed is {allowed}.");
        return instead;
    }
}
