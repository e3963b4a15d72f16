namespace ContributionIngest.Functions.Api;

/// <summary>HTTP methods of read-only endpoints.</summary>
internal static class ReadMethods
{
    public static readonly string[] All = [HttpMethods.Get, HttpMethods.Head];
}
