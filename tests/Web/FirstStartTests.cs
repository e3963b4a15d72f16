using System.Diagnostics;
using ContributionIngest.Tests.Functions.Hosting;
using ContributionIngest.Tests.Support;
using Xunit;

namespace ContributionIngest.Tests.Web;

/// <summary>A newcomer's first minutes, in a browser.</summary>
[Collection(Chromium.Collection)]
public sealed class FirstStartTests(Chromium chromium)
{
    [Fact]
    public async Task Who_starts_the_program_follows_the_printed_link_and_connects_a_blog()
    {
        using var folder = new TemporaryFolder();
        using var process = Published.Start(
            "dotnet",
            folder.FullName,
            null,
            Path.Combine(AppContext.BaseDirectory, "functions.dll"), "--set", "Data=" + folder.FullName, "--set", "Listen=http://127.0.0.1:0", "--set", "AllowNetworks=127.0.0.0/8");
        try
        {
            var link = await LinkAsync(process);
            var rest = process.StandardOutput.ReadToEndAsync();
            await using var blog = await LocalBlog.StartAsync();
            await using var visitor = await Visitor.ComeAsync(chromium.Browser, new Uri(link).GetLeftPart(UriPartial.Authority));
            await visitor.OpenAsync(link);
            await visitor.PressAsync("Sign in");

            await ConnectAsync(visitor, blog);

            await visitor.ReadsAsync("Splicing, part 3");
            await visitor.OpenAsync("/connections");
            await visitor.SeesAsync("The one connection is well");

            await visitor.SignOutAsync();
            await visitor.OpenAsync(link);
            await visitor.SeesAsync("This link was used");

            process.Kill(entireProcessTree: true);
            Assert.DoesNotContain("fail:", await rest, StringComparison.Ordinal);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    [Fact]
    public async Task Who_deploys_the_program_signs_in_with_its_secret_and_connects_a_blog()
    {
        await using var site = await Site.StartAsync(chromium, azure: true);
        await using var blog = await LocalBlog.StartAsync();
        await site.SignInAsync();

        await ConnectAsync(site.Visitor, blog);

        await site.WorkAsync("/connections");
        await site.Visitor.SeesAsync("The one connection is well");
        await site.Visitor.ReadsAsync("3 posts");
    }

    private static async Task ConnectAsync(Visitor visitor, LocalBlog blog)
    {
        await visitor.SeesAsync("Where do you publish?");
        await visitor.Page.GetByLabel("Where you publish, one a line").FillAsync(blog.Address);
        await visitor.PressAsync("Look");
        await visitor.SeesAsync("1 of 1 place found");
        await visitor.ReadsAsync("Splicing, part 3");
        await visitor.PressAsync("Connect 1 place");
        await visitor.ReadsAsync("Below Deck is connected.");
    }

    /// <summary>The link that the program prints at its start.</summary>
    internal static async Task<string> LinkAsync(Process process)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("/auth/link/", StringComparison.Ordinal))
                return line.Trim();
        }

        throw new InvalidOperationException(await process.StandardError.ReadToEndAsync());
    }
}
