using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using NodaTime;
using NodaTime.Extensions;

namespace ContributionIngest.Core.Digests;

/// <summary>The texts of a digest in one language (<c>Texts/en.json</c>, <c>Texts/de.json</c>), with numbers and dates formatted for the person's region.</summary>
public sealed class DigestTexts
{
    private const string Fallback = "en";

    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> Languages =
        new(StringComparer.OrdinalIgnoreCase) { ["en"] = Read("en"), ["de"] = Read("de") };

    /// <summary>Of locales without a region.</summary>
    private static readonly Dictionary<string, string> Cultures = new(StringComparer.Ordinal) { ["en"] = "en-GB", ["de"] = "de" };

    private readonly IReadOnlyDictionary<string, string> texts;
    private readonly CultureInfo culture;

    private DigestTexts(string language, CultureInfo culture) => (Language, texts, this.culture) = (language, Languages[language], culture);

    public string Language { get; }

    /// <summary>Texts for a locale such as <c>de-AT</c>; English if the language is not supported.</summary>
    public static DigestTexts Of(string locale)
    {
        var parts = locale.Split('-');
        if (!Languages.ContainsKey(parts[0]))
            return new DigestTexts(Fallback, CultureInfo.GetCultureInfo(Cultures[Fallback]));
        var language = parts[0].ToLowerInvariant();
        var region = Array.Find(parts[1..], part => part.Length == 2 && part.All(char.IsAsciiLetter));
        return new DigestTexts(language, CultureInfo.GetCultureInfo(region is null ? Cultures[language] : $"{language}-{region}"));
    }

    /// <summary>Texts for the first supported locale, or English.</summary>
    public static DigestTexts First(IEnumerable<string> locales) => Of(locales.FirstOrDefault(l => Languages.ContainsKey(l.Split('-')[0])) ?? Fallback);

    public string this[string name] => texts[name];

    /// <summary>The text with <c>{0}</c>, <c>{1}</c> … filled in.</summary>
    public string With(string name, params ReadOnlySpan<object?> values) => string.Format(culture, texts[name], values);

    /// <summary>Singular or plural form; <c>{0}</c> is the number, the others follow it.</summary>
    public string Count(string name, int count, params ReadOnlySpan<object?> others) => With(count == 1 ? name + ".one" : name, [Number(count), .. others]);

    /// <summary>Names of all texts.</summary>
    internal IEnumerable<string> Names => texts.Keys;

    public string Number(double value) => value.ToString("#,0.##", culture);

    public string Kind(Kind kind, int count) => Count("kind." + EnumText<Kind>.Of(kind), count);

    /// <summary>The name of a kind at the beginning of a line: "Blog post".</summary>
    public string Name(Kind kind) => Capital(texts["name." + EnumText<Kind>.Of(kind)]);

    public string Status(Status status) => texts["status." + EnumText<Status>.Of(status)];

    /// <summary>A kind as what one could log: "A talk".</summary>
    public string Title(Kind kind) => Capital(Kind(kind, 1));

    /// <summary>"12,480 views".</summary>
    public string Metric(string name, double value)
    {
        var text = value == 1 ? $"metric.{name}.one" : $"metric.{name}";
        return texts.ContainsKey(text) ? With(text, Number(value)) : $"{Number(value)} {name}";
    }

    /// <summary>"a talk, 2 videos and a blog post".</summary>
    public string List(IReadOnlyList<string> words) => words.Count < 2 ? string.Concat(words) : With("list", string.Join(", ", words.SkipLast(1)), words[^1]);

    /// <summary>"8 – 14 June 2026"; what both days share stands once.</summary>
    public string Span(DateOnly first, DateOnly last)
    {
        var day = culture.DateTimeFormat.MonthDayPattern;
        var withYear = day + (day.StartsWith('M') ? ", yyyy" : " yyyy");
        var shared = first.Month == last.Month && day.EndsWith(" MMMM", StringComparison.Ordinal) ? day[..^" MMMM".Length] : day;
        var start = first.Year == last.Year ? shared : withYear;
        return With("span", first.ToString(start.Length == 1 ? "%" + start : start, culture), last.ToString(withYear, culture));
    }

    /// <summary>Without the year.</summary>
    public string Day(DateOnly day) => day.ToString(culture.DateTimeFormat.MonthDayPattern, culture);

    public string ShortDay(DateOnly day) => culture.DateTimeFormat.AbbreviatedDayNames[(int)day.DayOfWeek];

    public string LongDay(IsoDayOfWeek day) => culture.DateTimeFormat.DayNames[(int)day % 7];

    /// <summary>A day in the person's time zone, with the time if known, and with the year if it differs from <paramref name="year"/>.</summary>
    public string When(DateTimeOffset at, bool isDay, DateTimeZone zone, int year) =>
        isDay ? DayOf(at, zone, year, isDay) : Format(at, zone, withTime: true, year);

    /// <summary>The day of an instant in the person's time zone.</summary>
    public string DayOf(DateTimeOffset at, DateTimeZone zone, int year, bool isDay = false)
    {
        // Sources give a bare day as midnight UTC; in another zone that could be a different day.
        var isBareDay = isDay && at.UtcDateTime.TimeOfDay == TimeSpan.Zero;
        return Format(at, isBareDay ? DateTimeZone.Utc : zone, withTime: false, year);
    }

    private string Capital(string text) => char.ToUpper(text[0], culture) + text[1..];

    private string Format(DateTimeOffset at, DateTimeZone zone, bool withTime, int year)
    {
        var local = at.ToInstant().InZone(zone).LocalDateTime.ToDateTimeUnspecified();
        return local.ToString(Pattern(withTime, local.Year != year), culture);
    }

    /// <summary>Uses only parts of the culture data that do not vary between its versions.</summary>
    private string Pattern(bool withTime, bool withYear)
    {
        var format = culture.DateTimeFormat;
        var day = format.MonthDayPattern.Replace("MMMM", "MMM", StringComparison.Ordinal);
        var year = !withYear ? "" : day.StartsWith('M') ? ", yyyy" : " yyyy";
        var time = !withTime ? "" : format.ShortTimePattern.Contains('t', StringComparison.Ordinal) ? ", h:mm tt" : ", HH:mm";
        var weekday = day.StartsWith("d ", StringComparison.Ordinal) ? "ddd " : "ddd, ";
        return weekday + day + year + time;
    }

    private static Dictionary<string, string> Read(string language)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"digest/{language}.json")
            ?? throw new InvalidOperationException($"The digest texts for '{language}' are not embedded in the assembly.");
        return JsonSerializer.Deserialize(stream, DigestTextsJson.Default.DictionaryStringString)!;
    }
}

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class DigestTextsJson : JsonSerializerContext;
