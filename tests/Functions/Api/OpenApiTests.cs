using System.Text.Json;
using ContributionIngest.Functions.Api.Ledger;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace ContributionIngest.Tests.Functions.Api;

public sealed class OpenApiTests
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];

    [Fact]
    public async Task The_description_and_the_program_know_the_same_addresses()
    {
        await using var app = await LedgerFixture.StartAsync();
        var described = (await app.GetAsync("/openapi.json")).GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Where(m => Methods.Contains(m.Name)).Select(m => $"{m.Name} /api{path.Name}"));
        var mapped = app.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Where(m => m != "HEAD").Select(m => $"{m.ToLowerInvariant()} {e.RoutePattern.RawText}"));
        Assert.Equal(mapped.Order(StringComparer.Ordinal), described.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_description_refers_to_nothing_it_does_not_hold_and_holds_nothing_unused()
    {
        await using var app = await LedgerFixture.StartAsync();
        var document = await app.GetAsync("/openapi.json");
        var used = References(document).ToHashSet(StringComparer.Ordinal);
        var held = document.GetProperty("components").EnumerateObject().Where(kind => kind.Name != "securitySchemes")
            .SelectMany(kind => kind.Value.EnumerateObject().Select(item => $"#/components/{kind.Name}/{item.Name}"));
        Assert.Equal(held.Order(StringComparer.Ordinal), used.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Words_and_parameters_of_the_description_are_the_programs()
    {
        await using var app = await LedgerFixture.StartAsync();
        var document = await app.GetAsync("/openapi.json");
        var schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.Equal(ContributionIngest.Core.Model.EnumText<ContributionIngest.Core.Model.Kind>.All, Enum(schemas.GetProperty("Kind")));
        Assert.Equal(ContributionIngest.Core.Model.EnumText<ContributionIngest.Core.Model.Role>.All, Enum(schemas.GetProperty("Role")));
        Assert.Equal(ContributionIngest.Core.Model.EnumText<ContributionIngest.Core.Model.Status>.All, Enum(schemas.GetProperty("Status")));
        Assert.Equal(ContributionIngest.Core.Model.EnumText<ContributionIngest.Core.Model.Review>.All, Enum(schemas.GetProperty("Review")));
        Assert.Equal(ContributionIngest.Core.Model.EnumText<ContributionIngest.Core.Model.DatePrecision>.All, Enum(schemas.GetProperty("DatePrecision")));
        var facts = schemas.GetProperty("Facts").GetProperty("properties");
        Assert.Equal("#/components/schemas/Kind", facts.GetProperty("kind").GetProperty("$ref").GetString());
        Assert.Equal(LedgerLogging.Known.Order(StringComparer.Ordinal), Fields(schemas.GetProperty("Logged")));
        Assert.Equal(LedgerChange.Known.Order(StringComparer.Ordinal), Fields(schemas.GetProperty("Change")));
    }

    [Fact]
    public async Task Formats_of_the_ledger_are_described_by_name_and_by_media_type()
    {
        await using var app = await LedgerFixture.StartAsync();
        var list = (await app.GetAsync("/openapi.json")).GetProperty("paths").GetProperty("/ledger").GetProperty("get");
        var format = list.GetProperty("parameters").EnumerateArray().Single(p => p.TryGetProperty("name", out var name) && name.GetString() == "format").GetProperty("schema");
        Assert.Equal(["json", "ndjson", "csv", "xlsx", "markdown", "atom", "icalendar"], Enum(format));
        Assert.Equal(LedgerFormat.MediaTypes, list.GetProperty("responses").GetProperty("200").GetProperty("content").EnumerateObject().Select(c => c.Name));
    }

    [Fact]
    public async Task Every_operation_has_a_name_of_its_own_and_says_what_it_does()
    {
        await using var app = await LedgerFixture.StartAsync();
        var operations = (await app.GetAsync("/openapi.json")).GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).Select(m => m.Value).ToList();
        Assert.All(operations, o => Assert.NotEqual("", o.GetProperty("summary").GetString()));
        Assert.Equal(operations.Count, operations.Select(o => o.GetProperty("operationId").GetString()).Distinct(StringComparer.Ordinal).Count());
    }

    private static IEnumerable<string> Fields(JsonElement schema) => schema.GetProperty("properties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<string?> Enum(JsonElement schema) => schema.GetProperty("enum").EnumerateArray().Select(w => w.GetString());

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p.NameEquals("$ref") ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };
}
