using System.Globalization;

namespace ContributionIngest.Drivers.Azure;

/// <summary>Double numbers as OData writes them: those without digits have names.</summary>
internal static class EdmDouble
{
    public static string Write(double number) => number switch
    {
        double.PositiveInfinity => "Infinity",
        double.NegativeInfinity => "-Infinity",
        _ when double.IsNaN(number) => "NaN",
        _ => number.ToString("R", CultureInfo.InvariantCulture),
    };

    public static double Read(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
