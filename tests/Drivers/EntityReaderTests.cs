using System.Text;
using System.Text.Json;
using ContributionIngest.Drivers.Azure;
using Xunit;

namespace ContributionIngest.Tests.Drivers;

public sealed class EntityReaderTests
{
    [Theory]
    [InlineData("""{"V@odata.type":"Edm.Int64","V":"5"}""", 5L)]
    [InlineData("""{"V":"5","V@odata.type":"Edm.Int64"}""", 5L)]
    [InlineData("""{"V":5}""", 5)]
    [InlineData("""{"V":5.0}""", 5.0)]
    [InlineData("""{"V":5,"V@odata.type":"Edm.Double"}""", 5.0)]
    [InlineData("""{"V@odata.type":"Edm.Double","V":5}""", 5.0)]
    [InlineData("""{"V@odata.type":"Edm.Double","V":"NaN"}""", double.NaN)]
    [InlineData("""{"V":1e300}""", 1e300)]
    [InlineData("""{"Vx@odata.type":"Edm.Int64","V":"5","Vx":"6"}""", "5")]
    [InlineData("""{"odata.metadata":"x","Timestamp@odata.type":"Edm.DateTime","Timestamp":"2026-03-04T05:06:07Z","V":true,"odata.etag":"e"}""", true)]
    [InlineData("""{"\u0056":"escaped name"}""", "escaped name")]
    public void Types_are_told_before_or_after_the_value(string json, object value) =>
        Assert.Equal(value, new EntityReader().Row(Encoding.UTF8.GetBytes(json)).Values["V"]);

    [Fact]
    public void A_page_is_read_whatever_stands_around_the_rows()
    {
        var page = new EntityReader().Page(
            """{"odata.metadata":{"deep":[1,{"value":[]}]},"value":[{"PartitionKey":"p","RowKey":"a","odata.etag":"1"},{"PartitionKey":"p","RowKey":"b"}],"more":null}"""u8);

        Assert.Equal([("a", "1"), ("b", null)], page.Select(r => (r.Key, r.ETag)));
    }

    [Theory]
    [InlineData("""{"V":[1]}""")]
    [InlineData("""{"V":{"nested":1}}""")]
    [InlineData("""{"V":"cut""")]
    public void What_is_no_row_is_refused(string json) =>
        Assert.ThrowsAny<JsonException>(() => new EntityReader().Row(Encoding.UTF8.GetBytes(json)));
}
