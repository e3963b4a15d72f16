using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using NodaTime;
using NodaTime.Extensions;

namespace ContributionIngest.Core.Digests;

/// <summary>The words of a digest in one language (<c>Texts/en.json</c>, <c>Texts/de.json</c>), and numbers and dates as the person's region writes them.</summary>
public sealed class DigestTexts
{
    private const string Fallback = "en";

    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> Languages =
        new(StringComparer.OrdinalIgnoreCase) { ["en"] = Read("en"), ["de"] = Read("de") };

    private readonly IReadOnlyDictionary<string, string> texts;
    private readonly CultureInfo culture;

    private DigestTexts(string language, CultureInfo culture) => (Language, texts, this.culture) = (language, Languages[language], culture);

    public string Language { get; }

    /// <summary>The language and region of a locale (<c>de-AT</c>), or English where the language is not spoken here.</summary>
    public static DigestTexts Of(string locale)
    {
        var parts = locale.Split('-');
        if (!Languages.ContainsKey(parts[0]))
            return new DigestTexts(Fallback, CultureInfo.GetCultureInfo(Fallback));
        var language = parts[0].ToLowerInvariant();
        var region = Array.Find(parts[1..], part => part.Length == 2 && part.All(char.IsAsciiLetter));
        return new DigestTexts(language, CultureInfo.GetCultureInfo(region is null ? language : $"{language}-{region}"));
    }

    /// <summary>The first of the languages somebody reads that is spoken here, or English.</summary>
    public static DigestTexts First(IEnumerable<string> locales) => Of(locales.FirstOrDefault(l => Languages.ContainsKey(l.Split('-')[0])) ?? Fallback);

    public string this[string name] => texts[name];

    /// <summary>The text with <c>{0}</c>, <c>{1}</c> … filled in.</summary>
    public string With(string name, params ReadOnlySpan<object?> values) => string.Format(culture, texts[name], values);

    /// <summary>One form for one, another for every other number; <c>{0}</c> is the number.</summary>
    public string Count(string name, int count) => With(count == 1 ? name + ".one" : name, Number(count));

    /// <summary>Names of all texts.</summary>
    internal IEnumerable<string> Names => texts.Keys;

    public string Number(double value) => value.ToString("#,0.##", culture);

    public string Kind(Kind kind, int count) => Count("kind." + EnumText<Kind>.Of(kind), count);

    public string Status(Status status) => texts["status." + EnumText<Status>.Of(status)];

    public string Metric(string name) => texts.GetValueOrDefault("metric." + name) ?? name;

    /// <summary>Without the year.</summary>
    public string Day(DateOnly day) => day.ToString(culture.DateTimeFormat.MonthDayPattern, culture);

    public string ShortDay(DateOnly day) => culture.DateTimeFormat.AbbreviatedDayNames[(int)day.DayOfWeek];

    public string LongDay(IsoDayOfWeek day) => culture.DateTimeFormat.DayNames[(int)day % 7];

    /// <summary>A day, and the time of day where one is known, where the person is; the year where it is not the one meant.</summary>
    public string When(DateTimeOffset at, bool isDay, DateTimeZone zone, int year)
    {
        // What places say of a day stands as its midnight in UTC, which is another day elsewhere.
        var isPlain = isDay && at.UtcDateTime.TimeOfDay == TimeSpan.Zero;
        return In(at, isPlain ? DateTimeZone.Utc : zone, !isDay, year);
    }

    /// <summary>The day of an instant where the person is.</summary>
    public string DayOf(DateTimeOffset at, DateTimeZone zone, int year) => In(at, zone, withTime: false, year);

    private string In(DateTimeOffset at, DateTimeZone zone, bool withTime, int year)
    {
        var local = at.ToInstant().InZone(zone).LocalDateTime.ToDateTimeUnspecified();
        return local.ToString(Pattern(withTime, local.Year != year), culture);
    }

    /// <summary>Made of what does not differ between versions of the culture's data.</summary>
    private string Pattern(bool withTime, bool withYear)
    {
        var format = culture.DateTimeFormat;
        var day = format.MonthDayPattern.Replace("MMMM", "MMM", StringComparison.Ordinal);
        var year = !withYear ? "" : day.StartsWith('M') ? ", yyyy" : " yyyy";
        var time = !withTime ? "" : format.ShortTimePattern.Contains('t', StringComparison.Ordinal) ? ", h:mm tt" : ", HH:mm";
        return "ddd, " + day + year + time;
    }

    private static Dictionary<string, string> Read(string language)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"digest/{language}.json")
            ?? throw new InvalidOperationException($"The texts of {language} are not in the program.");
        return JsonSerializer.Deserialize(stream, DigestTextsJson.Default.DictionaryStringString)!;
    }
}

[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class DigestTextsJson : JsonSerializerContext;
