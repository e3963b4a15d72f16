using System.Globalization;
using System.Text.Json.Serialization;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Core.People;

[JsonConverter(typeof(EnumTextConverter<ExportState>))]
public enum ExportState
{
    Running,
    Finished,

    /// <summary>The client left, or the process ended.</summary>
    CutOff,
}

/// <summary>An export of everything of a person.</summary>
/// <param name="Lines">How many lines have been written.</param>
/// <param name="At">When that was noted last.</param>
/// <param name="IsResumed">It began after the last line of an earlier one.</param>
/// <param name="By">The operator who asked for it; null if the person did.</param>
public sealed record Export(string Id, DateTimeOffset Begun, ExportState State, long Lines, DateTimeOffset At, bool IsResumed, string? By);

/// <summary>
/// The last exports of a person, newest first, in table <c>people</c> under <c>x|(19-digit inverted ticks)|(id)</c> of the person. A running export notes its
/// progress every few seconds; one that has not done so for a while was cut off, whatever its row says.
/// </summary>
public sealed class Exports(ITable table, TimeProvider clock)
{
    /// <summary>How often progress is noted.</summary>
    public static readonly TimeSpan NoteInterval = TimeSpan.FromSeconds(10);

    /// <summary>A client may take nothing for a minute.</summary>
    private static readonly TimeSpan MaxSilence = TimeSpan.FromMinutes(2);

    private const int Kept = 10;

    /// <summary>Begins an export, and removes the rows of old ones.</summary>
    public async Task<Export> BeginAsync(string person, string? by, bool isResumed, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var export = new Export(Identity.Random(), now, ExportState.Running, 0, now, isResumed, by);
        await table.WriteAsync(TableNames.People, TableWrite.Insert(ToRow(person, export)), cancel);
        await foreach (var old in table.RangeAsync(TableNames.People, person, "x|", "x}", null, cancel).Skip(Kept))
            await table.WriteAsync(TableNames.People, TableWrite.Delete(old), cancel);
        return export;
    }

    /// <summary>Notes how far it is. The row of somebody who was deleted meanwhile is not written again.</summary>
    public async Task<Export> SaveAsync(string person, Export export, ExportState state, long lines, CancellationToken cancel)
    {
        var noted = export with { State = state, Lines = lines, At = clock.GetUtcNow() };
        await table.WriteAsync(TableNames.People, TableWrite.Replace(ToRow(person, noted)), cancel);
        return noted;
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<Export>> ListAsync(string person, CancellationToken cancel) =>
        await table.RangeAsync(TableNames.People, person, "x|", "x}", Kept, cancel).Select(row => Current(RowDocument.Read(row, PeopleJson.Default.Export))).ToListAsync(cancel);

    private Export Current(Export export) =>
        export.State == ExportState.Running && clock.GetUtcNow() - export.At > MaxSilence ? export with { State = ExportState.CutOff } : export;

    private static Row ToRow(string person, Export export) => RowDocument.Write(
        person, string.Create(CultureInfo.InvariantCulture, $"x|{DateTimeOffset.MaxValue.UtcTicks - export.Begun.UtcTicks:D19}|{export.Id}"), export, PeopleJson.Default.Export);
}
