using System.Globalization;
using System.Text.Json;

namespace ContributionIngest.Core.Sources.GitHub;

/// <summary>A person's account. The numeric id stays; the login is whoever's it is today.</summary>
internal sealed record Account(long Id, string Login, string? Name, string? Url)
{
    public string Origin => Id.ToString(CultureInfo.InvariantCulture);

    /// <exception cref="SourceException">It is an organisation's or a bot's.</exception>
    public static Account? Read(JsonElement told)
    {
        if (told.Whole("id") is not { } id || told.Text("login") is not { } login)
            return null;
        return told.Text("type") switch
        {
            "Organization" => throw new SourceException(
                Failure.Terminal, "notAPerson", $"'{login}' is an organisation on GitHub. Type the login of a person, whose pull requests are wanted."),
            "Bot" or "Mannequin" => throw new SourceException(
                Failure.Terminal, "notAPerson", $"'{login}' is a program on GitHub and no person. Type the login of a person."),
            _ => new Account(id, login, told.Text("name"), told.Text("html_url")),
        };
    }
}
