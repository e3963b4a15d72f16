using System.IO.Compression;

namespace ContributionIngest.Core.Import;

/// <summary>Looks into a zip before anything else opens it: how much it really unpacks to, not what it says, and whether its names are those of a workbook.</summary>
internal static class ZipCheck
{
    public const int MaxEntries = 2000;
    public const long MaxUnpacked = 64L * 1024 * 1024;

    /// <summary>Of the texts of all cells, which are kept in memory.</summary>
    public const long MaxTexts = 16L * 1024 * 1024;

    private static readonly char[] Separators = ['/', '\\'];

    private const string Refusal = "Open it in a spreadsheet program and save it again as XLSX or CSV.";

    /// <exception cref="ImportRefusedException">It is no zip, or one that no spreadsheet program makes.</exception>
    public static async Task CheckAsync(byte[] bytes, CancellationToken cancel)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(bytes, writable: false), ZipArchiveMode.Read);
            if (zip.Entries.Count > MaxEntries)
                throw new ImportRefusedException($"The workbook has more than {MaxEntries} parts. {Refusal}");
            var buffer = new byte[64 * 1024];
            var left = MaxUnpacked;
            foreach (var entry in zip.Entries)
            {
                if (!IsPlain(entry.FullName))
                    throw new ImportRefusedException($"The workbook has a part with a path that leads out of it. {Refusal}");
                var own = entry.FullName.Contains("sharedStrings", StringComparison.OrdinalIgnoreCase) ? MaxTexts : MaxUnpacked;
                await using var content = await entry.OpenAsync(cancel);
                for (int read; (read = await content.ReadAsync(buffer, cancel)) > 0;)
                {
                    (left, own) = (left - read, own - read);
                    if (left < 0 || own < 0)
                        throw new ImportRefusedException($"The workbook unpacks to more than {(left < 0 ? MaxUnpacked : MaxTexts) / 1024 / 1024} MB, so it was not opened. Copy the list alone into a new workbook, or save it as CSV.");
                }
            }

            if (zip.GetEntry("xl/workbook.xml") is null && !zip.Entries.Any(entry => entry.FullName.EndsWith("workbook.xml", StringComparison.OrdinalIgnoreCase)))
                throw new ImportRefusedException("The file is a zip, but no workbook in the format XLSX. Unpack it, and import the list that is in it.");
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException or ArgumentException)
        {
            throw new ImportRefusedException($"The workbook is damaged. {Refusal}");
        }
    }

    private static bool IsPlain(string name) =>
        name.Length is > 0 and < 300 && name[0] is not ('/' or '\\') && !name.Contains(':', StringComparison.Ordinal) && !name.Split(Separators).Contains("..", StringComparer.Ordinal);
}
