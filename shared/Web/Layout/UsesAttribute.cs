namespace ContributionIngest.Web.Layout;

/// <summary>Style sheets and scripts, beside those of every page, that the page needs. Names of <see cref="SiteAssets"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class UsesAttribute(params string[] names) : Attribute
{
    public IReadOnlyList<string> Names => names;
}
