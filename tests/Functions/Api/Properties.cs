using FsCheck;
using FsCheck.Fluent;

namespace ContributionIngest.Tests.Functions.Api;

/// <summary>Runs a scenario for many seeds; the one that breaks is in the message.</summary>
internal static class Properties
{
    public static async Task HoldAsync(int times, Func<LedgerFixture, int, Task> scenario)
    {
        await using var app = await LedgerFixture.StartAsync();
        Prop.ForAll(
            Gen.Choose(0, int.MaxValue - 1).ToArbitrary(),
            seed =>
            {
                // FsCheck asks for an answer at once.
                Task.Run(async () =>
                {
                    await app.EnterAsync();
                    await scenario(app, seed);
                }).GetAwaiter().GetResult();
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(times));
    }
}
