using System.Globalization;
using System.Text.Json;
using ContributionIngest.Core.Accounts;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.Backup;

/// <summary>The weekly backup.</summary>
/// <param name="Day">Of its blobs, as <c>yyyyMMdd</c>.</param>
/// <param name="People">Whose copies are complete.</param>
/// <param name="Failures">People who are missing because they kept changing.</param>
public sealed record WeeklyRun(string Day, DateTimeOffset Begun, DateTimeOffset? Done = null, int People = 0, int Failures = 0);

/// <param name="Run">The one that began last.</param>
/// <param name="Complete">The last one that is complete; null before the first.</param>
public sealed record WeeklyState(WeeklyRun Run, WeeklyRun? Complete);

/// <summary>The weekly backup, for operators.</summary>
/// <param name="Complete">The last one that is complete; absent before the first.</param>
/// <param name="Running">The one that has begun and is not complete.</param>
/// <param name="IsLate">The last one is older than eight days, or somebody is missing in it.</param>
public sealed record WeeklyStatus(WeeklyRun? Complete, WeeklyRun? Running, bool IsLate);

/// <summary>
/// Every week a copy of each person into container <c>backups</c>, beside the store, so that an operator can undo an accident of one person or of all. A copy is
/// the person's part of an archive, without raw answers, in pieces. What is about nobody has a part of its own, with nothing in it by which somebody could be
/// recognised: whoever is deleted is deleted from the copies, too. The state is row <c>weekly</c> of partition <c>backup</c> in table <c>lookups</c>.
/// </summary>
public sealed class WeeklyBackup(PartMaker maker, PeopleStore people, Deletions deletions, ITable table, IBlobs blobs, WeeklyBackupOptions options, TimeProvider clock)
{
    /// <summary>People in one slice.</summary>
    public const int PeoplePerSlice = PartMaker.PeoplePerScan;

    /// <summary>How often somebody who keeps changing is read again.</summary>
    public const int Attempts = 6;

    private const string Key = "weekly";
    private const string Manifest = ArchiveFormat.Manifest;
    private const int PieceBytes = 8 * 1024 * 1024;

    /// <summary>Before it is begun anew; the night's work comes at the same hour.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromDays(7) - TimeSpan.FromHours(1);

    /// <summary>After how many days without a complete backup an operator has to look.</summary>
    private static readonly TimeSpan LateAfter = TimeSpan.FromDays(8);

    public bool IsOn => options.IsWeekly;

    /// <summary>Null if no backup is made.</summary>
    public async Task<WeeklyStatus?> StatusAsync(CancellationToken cancel)
    {
        if (!options.IsWeekly)
            return null;
        var state = await StateAsync(cancel);
        var isLate = state is not null && (clock.GetUtcNow() - (state.Complete ?? state.Run).Begun > LateAfter || state.Complete is { Failures: > 0 });
        return new WeeklyStatus(state?.Complete, state?.Run is { Done: null } running ? running : null, isLate);
    }

    public async Task<WeeklyState?> StateAsync(CancellationToken cancel) =>
        await table.GetAsync(TableNames.Lookups, StoreReader.Weekly, Key, cancel) is { } row ? RowDocument.Read(row, ArchiveJson.Default.WeeklyState) : null;

    /// <summary>Begins the backup of this week, or one that was cut off anew. Null if none is due.</summary>
    /// <returns>Its day.</returns>
    public async Task<string?> BeginAsync(CancellationToken cancel)
    {
        if (!options.IsWeekly)
            return null;
        var now = clock.GetUtcNow();
        var state = await StateAsync(cancel);
        var isRecent = state is not null && now - state.Run.Begun < Interval;
        if (isRecent)
            return state!.Run.Done is null ? state.Run.Day : null;
        var run = new WeeklyRun(DatedBlobs.Day(now), now);
        await table.WriteAsync(TableNames.Lookups, TableWrite.Put(ToRow(new WeeklyState(run, state?.Complete), null)), cancel);
        return run.Day;
    }

    /// <summary>Copies some people. Repeated, it copies whoever is missing.</summary>
    /// <returns>The last one it came to, null at the end; and who changed meanwhile.</returns>
    public async Task<(string? After, IReadOnlyList<string> Changed)> RunAsync(string day, string? after, CancellationToken cancel)
    {
        if (after is null)
            await BeginCopiesAsync(day, cancel);
        var page = await people.PageAsync(after, PeoplePerSlice, cancel);
        var changed = await CopyAsync(day, page, cancel);
        return (page.Count == PeoplePerSlice ? page[^1] : null, changed);
    }

    /// <summary>Copies somebody who had changed meanwhile. False if they did so again.</summary>
    public async Task<bool> RepeatAsync(string day, string person, CancellationToken cancel) =>
        !await people.IsListedAsync(person, cancel) || (await CopyAsync(day, [person], cancel)).Count == 0;

    /// <summary>Everybody was come to.</summary>
    public async Task CompleteAsync(string day, CancellationToken cancel)
    {
        var copies = 0;
        await foreach (var name in blobs.ListAsync(WeeklyCopies.Container, day + "/", cancel))
            copies += name.EndsWith("/" + WeeklyCopies.Last, StringComparison.Ordinal) && !name.StartsWith($"{day}/{ArchiveFormat.Shared}/", StringComparison.Ordinal) ? 1 : 0;
        await ChangeAsync(day, run => run with { Done = run.Done ?? clock.GetUtcNow(), People = copies }, cancel);
    }

    /// <summary>Somebody kept changing, and is missing.</summary>
    public Task FailAsync(string day, CancellationToken cancel) => ChangeAsync(day, run => run with { Failures = run.Failures + 1 }, cancel);

    /// <summary>Puts the copies of a week together to an archive.</summary>
    /// <exception cref="ArchiveException">There is no backup of that day, or it is incomplete or damaged.</exception>
    public async Task FetchAsync(string day, string path, CancellationToken cancel)
    {
        if (day.Length != 8 || await blobs.GetAsync(WeeklyCopies.Container, $"{day}/{Manifest}", cancel) is not { } bytes
            || JsonSerializer.Deserialize(bytes, ArchiveJson.Default.ArchiveManifest) is not { } manifest)
            throw new ArchiveException($"There is no weekly backup of {day}. There are: {string.Join(", ", await DaysAsync(cancel))}.");
        File.Delete(path + ArchiveFormat.UnfinishedSuffix);
        using var archive = await ArchiveFile.OpenAsync(path, manifest, null, cancel);
        await AppendAsync($"{day}/{ArchiveFormat.Shared}/");
        var pieces = new List<string>();
        await foreach (var name in blobs.ListAsync(WeeklyCopies.Container, day + "/", cancel))
        {
            if (name.Split('/') is not [_, var person, var piece] || !Identity.IsWellFormed(person))
                continue;
            if (pieces.Count > 0 && !pieces[0].StartsWith($"{day}/{person}/", StringComparison.Ordinal))
                pieces.Clear();
            pieces.Add(name);
            if (piece != WeeklyCopies.Last)
                continue;
            foreach (var whole in pieces)
                await AppendPieceAsync(whole);
            pieces.Clear();
        }

        await archive.SealAsync([], cancel);

        async Task AppendAsync(string prefix)
        {
            await foreach (var name in blobs.ListAsync(WeeklyCopies.Container, prefix, cancel))
                await AppendPieceAsync(name);
        }

        async Task AppendPieceAsync(string name)
        {
            if (await blobs.GetAsync(WeeklyCopies.Container, name, cancel) is { } piece)
                await archive.AppendAsync(piece, cancel);
        }
    }

    private async Task<IReadOnlyList<string>> DaysAsync(CancellationToken cancel) =>
        await blobs.ListAsync(WeeklyCopies.Container, "", cancel).Where(name => name.EndsWith("/" + Manifest, StringComparison.Ordinal)).Select(name => name.Split('/')[0]).ToListAsync(cancel);

    private async Task BeginCopiesAsync(string day, CancellationToken cancel)
    {
        var manifest = new ArchiveManifest(ArchiveFormat.Current, Identity.Random(), "weekly", clock.GetUtcNow(), "the weekly backup", WithRaw: false, HasSecrets: false);
        await blobs.PutIfAbsentAsync(WeeklyCopies.Container, $"{day}/{Manifest}", JsonSerializer.SerializeToUtf8Bytes(manifest, ArchiveJson.Default.ArchiveManifest), cancel);
        if (await IsWholeAsync($"{day}/{ArchiveFormat.Shared}", cancel))
            return;
        var shared = await maker.SharedAsync(isAnonymous: true, cancel);
        await using (shared.File)
            await StoreAsync($"{day}/{ArchiveFormat.Shared}", shared.File, cancel);
    }

    private async Task<IReadOnlyList<string>> CopyAsync(string day, IReadOnlyList<string> page, CancellationToken cancel)
    {
        var missing = new List<string>();
        foreach (var person in page)
        {
            if (!await IsWholeAsync($"{day}/{person}", cancel) && !await deletions.HasPersonAsync(person, cancel))
                missing.Add(person);
        }

        return missing.Count == 0 ? [] : await maker.PeopleAsync(missing, withRaw: false, part => StoreAsync($"{day}/{part.Person}", part.File, cancel), cancel);
    }

    private async Task<bool> IsWholeAsync(string folder, CancellationToken cancel) =>
        await blobs.ListAsync(WeeklyCopies.Container, $"{folder}/{WeeklyCopies.Last}", cancel).AnyAsync(cancel);

    /// <summary>The last piece makes the others valid.</summary>
    private async Task StoreAsync(string folder, FileStream part, CancellationToken cancel)
    {
        // A process that died may have left more pieces than there are this time.
        await foreach (var left in blobs.ListAsync(WeeklyCopies.Container, folder + "/", cancel))
            await blobs.DeleteAsync(WeeklyCopies.Container, left, cancel);
        part.Position = 0;
        var buffer = new byte[Math.Min(PieceBytes, part.Length)];
        for (var number = 1; part.Position < part.Length; number++)
        {
            var length = await part.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
            var name = part.Position == part.Length ? WeeklyCopies.Last : number.ToString("D4", CultureInfo.InvariantCulture) + ".tar";
            await blobs.PutAsync(WeeklyCopies.Container, $"{folder}/{name}", buffer.AsMemory(0, length), cancel);
        }
    }

    private Task ChangeAsync(string day, Func<WeeklyRun, WeeklyRun> change, CancellationToken cancel) => table.ChangeAsync(
        TableNames.Lookups,
        StoreReader.Weekly,
        Key,
        ArchiveJson.Default.WeeklyState,
        state => state.Run.Day != day ? state : change(state.Run) is { Done: not null } done ? new WeeklyState(done, done) : state with { Run = change(state.Run) },
        clock,
        cancel);

    private static Row ToRow(WeeklyState state, string? tag) => RowDocument.Write(StoreReader.Weekly, Key, state, ArchiveJson.Default.WeeklyState, tag);
}
