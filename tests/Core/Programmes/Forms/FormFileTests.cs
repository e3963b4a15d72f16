using System.Text;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Programmes;
using Xunit;

namespace ContributionIngest.Tests.Core.Programmes.Forms;

/// <summary>The forms on file against what is written of them elsewhere, and files that are wrong.</summary>
public sealed class FormFileTests
{
    private static readonly ProgrammeCatalog Catalog = new();

    [Theory]
    [InlineData("google-developer-expert", FormFormat.AdvocuDrafts, RuleMark.Published, TextUnit.CodePoints)]
    [InlineData("docker-captain", FormFormat.AdvocuDrafts, RuleMark.Reported, TextUnit.CodePoints)]
    [InlineData("github-star", FormFormat.Stars, RuleMark.Reported, TextUnit.Utf16)]
    [InlineData("asyncapi-ambassador", FormFormat.AsyncApiYaml, RuleMark.Published, TextUnit.Utf16)]
    [InlineData("json-schema-ambassador", FormFormat.JsonSchemaJson, RuleMark.Published, TextUnit.CodePoints)]
    [InlineData("microsoft-mvp", FormFormat.Sheet, RuleMark.Reported, TextUnit.Utf16)]
    [InlineData("microsoft-mvp-renewal", FormFormat.Sheet, RuleMark.Reported, TextUnit.Utf16)]
    [InlineData("sitecore-mvp", FormFormat.Sheet, RuleMark.Published, TextUnit.Utf16)]
    public void Form_says_how_it_is_handed_in_and_how_it_is_known(string programme, FormFormat format, RuleMark mark, TextUnit lengths)
    {
        var form = Of(programme);
        Assert.Equal((format, mark, lengths), (form.Format, form.Mark, form.Lengths));
        Assert.True(form.Source.Length > 5 && form.Seen.Length >= 4);
    }

    /// <summary>Lengths, lowest numbers and counts, as "least most": of text, of a number, of a list.</summary>
    [Theory]
    [InlineData("google-developer-expert", "content-creation", "title", "3 200")]
    [InlineData("google-developer-expert", "content-creation", "description", "- 2000")]
    [InlineData("google-developer-expert", "content-creation", "additionalInfo", "- 2000")]
    [InlineData("google-developer-expert", "content-creation", "activityUrl", "- 500")]
    [InlineData("google-developer-expert", "content-creation", "metrics.readers", "1")]
    [InlineData("google-developer-expert", "public-speaking", "title", "3 200")]
    [InlineData("google-developer-expert", "public-speaking", "metrics.attendees", "1")]
    [InlineData("google-developer-expert", "public-speaking", "inPersonAttendees", "0")]
    [InlineData("google-developer-expert", "workshop", "metrics.attendees", "1")]
    [InlineData("google-developer-expert", "mentoring", "metrics.attendees", "1")]
    [InlineData("google-developer-expert", "stories", "whyIsSignificant", "- 2000")]
    [InlineData("google-developer-expert", "stories", "metrics.impact", "1")]
    [InlineData("google-developer-expert", "interaction-with-googlers", "metrics.timeSpent", "1")]
    [InlineData("google-developer-expert", "product-feedback-given", "productDescription", "- 500")]
    [InlineData("google-developer-expert", "product-feedback-given", "metrics.timeSpent", "1")]
    [InlineData("docker-captain", "resources", "title", "3 200")]
    [InlineData("docker-captain", "resources", "activityUrl", "- 500")]
    [InlineData("docker-captain", "resources", "metrics.views", "1")]
    [InlineData("docker-captain", "public-speaking", "duration", "1")]
    [InlineData("docker-captain", "public-speaking", "metrics.attendees", "1")]
    [InlineData("docker-captain", "event", "metrics.attendees", "1")]
    [InlineData("docker-captain", "feedbackSession", "dockerRepresentative", "3 100")]
    [InlineData("docker-captain", "feedbackSession", "metrics.timeSpent", "1")]
    [InlineData("microsoft-mvp", "Blog", "title", "- 100")]
    [InlineData("microsoft-mvp", "Blog", "description", "- 1000")]
    [InlineData("microsoft-mvp", "Blog", "privateDescription", "- 1000")]
    [InlineData("microsoft-mvp", "Blog", "additionalAreas", "- 2")]
    [InlineData("microsoft-mvp", "Blog", "audience", "1 -")]
    [InlineData("microsoft-mvp", "Blog", "views", "1")]
    [InlineData("microsoft-mvp-renewal", "Podcast", "title", "- 100")]
    [InlineData("sitecore-mvp", "contributions", "description", "- 2000")]
    [InlineData("asyncapi-ambassador", "contributions", "date.year", "1900")]
    public void Limits_are_those_of_the_form(string programme, string group, string name, string limits)
    {
        Assert.All(Of(programme).Groups.Where(known => known.Name == group), known =>
        {
            var field = known.Fields.First(field => field.Name == name);
            var found = field.Type switch
            {
                FieldType.Whole => $"{field.AtLeast}",
                FieldType.List => $"{Text(field.MinCount)} {Text(field.MaxCount)}",
                _ => $"{Text(field.MinLength)} {Text(field.MaxLength)}",
            };
            Assert.Equal(limits, found);
        });

        static string Text(int? limit) => limit is null ? "-" : $"{limit}";
    }

    [Fact]
    public void Values_are_those_of_the_form()
    {
        var experts = Of("google-developer-expert");
        Assert.Equal(81, experts.Lists["tags"].Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(251, experts.Lists["countries"].Distinct(StringComparer.Ordinal).Count());
        Assert.Superset(new HashSet<string>(["Türkiye", "Viet Nam", "Korea (Republic of)", "North Cyprus", "Kosovo"]), experts.Lists["countries"].ToHashSet(StringComparer.Ordinal));
        Assert.Contains("Dart - Flutter", experts.Lists["tags"]);
        Assert.Equal(["Articles", "Books", "Code contribution", "Demos", "Newsletters", "Podcasts", "Videos"], Field(experts, "content-creation", "contentType").Allowed);
        Assert.Equal(["In-Person", "Virtual", "Hybrid"], Field(experts, "public-speaking", "eventFormat").Allowed);
        Assert.Equal(8, Field(experts, "interaction-with-googlers", "format").Allowed!.Count);
        Assert.DoesNotContain(experts.Groups.Where(group => group.Name == "stories").SelectMany(group => group.Fields), field => field.Type == FieldType.Day);

        Assert.Equal(["SPEAKING", "BLOGPOST", "ARTICLE_PUBLICATION", "EVENT_ORGANIZATION", "HACKATHON", "OPEN_SOURCE_PROJECT", "VIDEO_PODCAST", "FORUM", "OTHER"], Field(Of("github-star"), "contributions", "type").Allowed);
        Assert.Equal(["type", "date", "title", "url"], Of("github-star").Groups[0].Fields.Where(field => field.Need == FieldNeed.Always).Select(field => field.Name));
        Assert.Equal(12, Field(Of("json-schema-ambassador"), "contributions", "type").Allowed!.Count);
        Assert.Equal(["name", "title", "bio", "img", "github", "company", "country"], Of("json-schema-ambassador").Person.Where(field => field.Need == FieldNeed.Always).Select(field => field.Name));
        Assert.Equal(11, Field(Of("sitecore-mvp"), "contributions", "type").Allowed!.Count);
        Assert.Equal(24, Of("microsoft-mvp").Room);
        Assert.Null(Of("microsoft-mvp-renewal").Room);
    }

    [Fact]
    public void Activities_of_the_portal_have_their_own_roles_and_numbers()
    {
        var form = Of("microsoft-mvp");
        Assert.Equal(13, Field(form, "Other", "type").Allowed!.Count);
        Assert.DoesNotContain("Author", Field(form, "Webinar/Online Training/Video/Livestream", "role").Allowed!);
        Assert.Equal(["Speaker", "Panelist", "Moderator", "Presenter"], Field(form, "Speaker/Presenter", "role").Allowed);
        Assert.Equal(["MLSA Summit", "MVP Summit", "RD Summit", "Build", "Ignite", "Inspire", "Other"], Field(form, "Speaker/Presenter", "microsoftEvent").Allowed);
        Assert.Contains("copiesSold", form.Groups.Single(group => group.Name == "Book/E-book").Fields.Select(field => field.Name));
        Assert.All(form.Groups, group => Assert.Equal("1", group.Fields.Single(field => field.Name == "quantity").Value));
        Assert.All(form.Groups, group => Assert.Equal("primaryArea", group.Fields.Single(field => field.Name == "additionalAreas").DiffersFrom));
        Assert.Equal(Enum.GetValues<Kind>().Order(), form.Groups.SelectMany(group => group.Kinds).Distinct().Order());
        Assert.Equal("Speaker/Presenter", form.GroupOf(Kind.Event, Role.Speaker)!.Name);
        Assert.Equal("User Group Owner", form.GroupOf(Kind.Event, Role.Host)!.Name);
    }

    [Theory]
    [InlineData("\"fields\":[{\"name\":\"a b\",\"label\":\"A\"}]", "'a b' is no name of a field: letters and digits, with full stops between.")]
    [InlineData("\"fields\":[{\"name\":\"a\",\"label\":\"A\",\"from\":\"number\"}]", "A number says by which names the ledger knows it, and nothing else does.")]
    [InlineData("\"fields\":[{\"name\":\"a\",\"label\":\"A\",\"minLength\":9,\"maxLength\":3}]", "A limit is 1 or more, and the lower one is not above the higher.")]
    [InlineData("\"fields\":[{\"name\":\"a\",\"label\":\"A\",\"list\":\"nothing\"}]", "There is no list 'nothing', or the field has values of its own as well.")]
    [InlineData("\"fields\":[{\"name\":\"a\",\"label\":\"A\",\"pattern\":\"(\",\"patternText\":\"x\"}]", "The pattern is no regular expression.")]
    [InlineData("\"fields\":[{\"name\":\"a\",\"label\":\"A\",\"pattern\":\"x\"}]", "A pattern says in words what it takes.")]
    [InlineData("\"fields\":[{\"name\":\"a\",\"label\":\"A\",\"from\":\"fixed\"}]", "A fixed field has a value, and nothing else has.")]
    [InlineData("\"fields\":[{\"name\":\"a\",\"label\":\"A\",\"from\":\"role\",\"words\":{\"king\":\"King\"}}]", "'king' is no role.")]
    [InlineData("\"fields\":[{\"name\":\"a\",\"label\":\"A\",\"onlyIf\":{\"field\":\"b\",\"is\":[\"x\"]}}]", "No field 'b' comes before it.")]
    [InlineData("\"fields\":[{\"name\":\"a\",\"label\":\"A\",\"open\":true,\"allowed\":[\"x\"]}]", "An open list has no values on file.")]
    public void Faulty_field_is_refused_with_its_line_and_the_reason(string fields, string reason)
    {
        var (programme, fault) = Read($"\"groups\":[{{\"name\":\"g\",\"kinds\":[\"talk\"],\n{fields}}}]");
        Assert.Null(programme);
        Assert.Equal(new ProgrammeFault("mine.json", 4, reason), fault);
    }

    [Theory]
    [InlineData("\"groups\":[]", "A form has a group of fields.")]
    [InlineData("\"room\":0,\"groups\":[]", "A form has room for 1 or more.")]
    [InlineData("\"colour\":\"red\",\"groups\":[]", null)]
    [InlineData("\"lists\":{\"x\":[]},\"groups\":[]", "A list has values, and none is empty.")]
    [InlineData("\"groups\":[{\"name\":\"g\",\"kinds\":[\"talk\"],\"fields\":[{\"name\":\"a\",\"label\":\"A\",\"from\":\"area\"}]}]", "The programme has no list of areas.")]
    public void Faulty_form_is_refused(string form, string? reason)
    {
        var (programme, fault) = Read(form);
        Assert.Null(programme);
        Assert.Contains(reason ?? "colour", fault!.Reason, StringComparison.Ordinal);
        Assert.InRange(fault.Line, 2, 3);
    }

    private static (Programme? Programme, ProgrammeFault? Fault) Read(string form) =>
        ProgrammeFile.Read("mine.json", Encoding.UTF8.GetBytes($"{{\n\"id\": \"mine\", \"name\": \"Mine\",\n\"form\": {{\"mark\":\"reported\",\"source\":\"x\",\"seen\":\"2026\",{form}}}\n}}"));

    private static Form Of(string programme) => Catalog.Find(programme)!.Form!;

    private static FormField Field(Form form, string group, string name) => form.Groups.First(known => known.Name == group).Fields.First(field => field.Name == name);
}
