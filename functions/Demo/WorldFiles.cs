using System.Text.Json;
using System.Text.Json.Serialization;

namespace ContributionIngest.Functions.Demo;

/// <summary>Who the world is about (<c>World/person.json</c>).</summary>
/// <param name="Zone">IANA name; her times of day are in it.</param>
/// <param name="About">Goes on after the name, e.g. "writes software in Malmö".</param>
internal sealed record WorldPerson(string Name, string City, string Zone, string About, WorldTalk Talk);

/// <summary>What she logs by hand.</summary>
/// <param name="Ago">Days before today.</param>
internal sealed record WorldTalk(int Ago, string Title, string Url, string Summary, string Note, IReadOnlyList<string> Topics, int Attendees, int Minutes);

/// <summary>One blog (a file of its own in <c>World</c>).</summary>
/// <param name="Site">Its invented host; on loopback it is the first part of the path.</param>
/// <param name="Format"><c>rss</c>, <c>atom</c> or <c>json</c>.</param>
/// <param name="IsShared">Others write there too, so that the connection names her as author.</param>
/// <param name="Workdays">Nothing is published at weekends: what would be is out on the Friday before.</param>
/// <param name="PageSize">Entries a page of the feed has.</param>
internal sealed record WorldBlog(
    string Site, string Format, string Title, string About, bool IsShared, bool Workdays, int PageSize, IReadOnlyList<WorldPost> Posts);

/// <param name="Ago">Days before today.</param>
/// <param name="At">Time of day, <c>HH:mm</c>.</param>
/// <param name="By">Who wrote it; absent for the person.</param>
/// <param name="From">The site of the blog it was first published on, under the same title; date, text and address are from there.</param>
/// <param name="Later">What it says after its revision.</param>
internal sealed record WorldPost(
    string Title, int Ago = 0, string At = "12:00", string Text = "", IReadOnlyList<string>? Topics = null, string? By = null, string? From = null, WorldChange? Later = null);

/// <summary>Only what changes is given.</summary>
internal sealed record WorldChange(string? Title = null, int? Ago = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, AllowTrailingCommas = true, ReadCommentHandling = JsonCommentHandling.Skip, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(WorldPerson))]
[JsonSerializable(typeof(WorldBlog))]
internal sealed partial class WorldJson : JsonSerializerContext;
