namespace ContributionIngest.Functions.Api;

/// <summary>The methods of what is only looked at.</summary>
internal static class ReadMethods
{
    public static readonly string[] All = [HttpMethods.Get, HttpMethods.Head];
}
