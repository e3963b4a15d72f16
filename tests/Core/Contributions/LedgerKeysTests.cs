using System.Globalization;
using ContributionIngest.Core.Contributions;
using Xunit;

namespace ContributionIngest.Tests.Core.Contributions;

public sealed class LedgerKeysTests
{
    [Theory]
    [InlineData("1969-12-31T23:59:59Z", false)]
    [InlineData("1970-01-01T00:00:00Z", true)]
    [InlineData("8999-12-31T23:59:59Z", true)]
    [InlineData("9000-01-01T00:00:01Z", false)]
    public void Key_of_an_entry_has_a_time_from_1970_to_8999(string when, bool isKey) =>
        Assert.Equal(isKey, LedgerKeys.IsEntry(LedgerKeys.Entry(DateTimeOffset.Parse(when, CultureInfo.InvariantCulture), new string('a', 26))));
}
