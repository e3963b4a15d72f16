using System.Globalization;
using System.Text;

namespace ContributionIngest.Tests.Core.Push;

/// <summary>A <c>pull_request</c> delivery as GitHub shapes it, as far as anybody reads it.</summary>
internal sealed record PullRequestPayload(long Author, string Action = "opened")
{
    public int Number { get; init; } = 7;

    public string Title { get; init; } = "Ferries keep their lamps lit";

    public bool IsMerged { get; init; }

    public bool IsPrivate { get; init; }

    public string Updated { get; init; } = "2026-05-30T10:00:00Z";

    /// <summary>The description, which makes a delivery large.</summary>
    public string Text { get; init; } = "";

    public byte[] Bytes() => Encoding.UTF8.GetBytes(ToString());

    public override string ToString()
    {
        var merged = IsMerged ? $"\"{Updated}\"" : "null";
        return string.Create(CultureInfo.InvariantCulture, $$$"""
            {"action":"{{{Action}}}","number":{{{Number}}},"pull_request":{"id":{{{1000 + Number}}},"number":{{{Number}}},"state":"{{{(IsMerged ? "closed" : "open")}}}",
            "title":"{{{Title}}}","html_url":"https://github.com/harbour/lamps/pull/{{{Number}}}","body":"{{{Text}}}",
            "user":{"login":"juna-okvist","id":{{{Author}}},"type":"User"},"created_at":"2026-05-30T09:00:00Z","updated_at":"{{{Updated}}}",
            "closed_at":{{{merged}}},"merged_at":{{{merged}}},"merged":{{{(IsMerged ? "true" : "false")}}},"draft":false,
            "labels":[{"name":"night"}],"additions":12,"deletions":3,"changed_files":2},
            "repository":{"id":5150,"full_name":"harbour/lamps","private":{{{(IsPrivate ? "true" : "false")}}},"html_url":"https://github.com/harbour/lamps",
            "owner":{"login":"harbour","id":99,"type":"Organization"},"language":"C#","topics":["ferries"],"stargazers_count":41},
            "sender":{"login":"juna-okvist","id":{{{Author}}},"type":"User"}}
            """);
    }
}
