using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using NodaTime;
using NodaTime.Extensions;

namespace ContributionIngest.Core.Digest;

/// <summary>The words of a digest in one language (<c>Texts/en.json</c>, <c>Texts/de.json</c>), and numbers and dates as it writes them.</summary>
public sealed class DigestTexts
{
    private static readonly Dictionary<string, DigestTexts> Known = new(StringComparer.OrdinalIgnoreCase) { ["en"] = Read("en"), ["de"] = Read("de") };

    private readonly IReadOnlyDictionary<string, string> texts;
    private readonly CultureInfo culture;

    private DigestTexts(string language, IReadOnlyDictionary<string, string> texts) =>
        (Language, this.texts, culture) = (language, texts, CultureInfo.GetCultureInfo(language));

    public string Language { get; }

    /// <summary>The language of a locale (<c>de-AT</c>), or English where it is not spoken here.</summary>
    public static DigestTexts Of(string locale) => Known.GetValueOrDefault(locale.Split('-')[0]) ?? Known["en"];

    public string this[string name] => texts[name];

    /// <summary>The text with <c>{0}</c>, <c>{1}</c> … filled in.</summary>
    public string With(string name, params ReadOnlySpan<object?> values) => string.Format(culture, texts[name], values);

    /// <summary>One form for one, another for every other number; <c>{0}</c> is the number.</summary>
    public string Count(string name, int count) => With(count == 1 ? name + ".one" : name, Number(count));

    public string Number(double value) => value.ToString(value == Math.Floor(value) ? "N0" : "N1", culture);

    public string Kind(Kind kind, int count) => Count("kind." + Word<Kind>.Of(kind), count);

    public string Status(Status status) => texts["status." + Word<Status>.Of(status)];

    public string Metric(string name) => texts.GetValueOrDefault("metric." + name) ?? name;

    /// <summary>Without the year.</summary>
    public string Day(DateOnly day) => day.ToString(texts["format.day"], culture);

    public string ShortDay(DateOnly day) => culture.DateTimeFormat.AbbreviatedDayNames[(int)day.DayOfWeek];

    public string LongDay(IsoDayOfWeek day) => culture.DateTimeFormat.DayNames[(int)day % 7];

    /// <summary>A day, and the time of day where one is known, where the person is.</summary>
    public string When(DateTimeOffset at, bool isDay, DateTimeZone zone)
    {
        var local = at.ToInstant().InZone(zone).LocalDateTime.ToDateTimeUnspecified();
        return local.ToString(texts[isDay ? "format.weekday" : "format.moment"], culture);
    }

    private static DigestTexts Read(string language)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"digest/{language}.json")
            ?? throw new InvalidOperationException($"The texts of {language} are not in the program.");
        return new DigestTexts(language, JsonSerializer.Deserialize(stream, DigestTextsJson.Default.DictionaryStringString)!);
    }
}

[JsonSourceGenerationOptions(ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class DigestTextsJson : JsonSerializerContext;
