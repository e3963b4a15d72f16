using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContributionIngest.Core.Programmes.Forms;

/// <summary>A file to hand in.</summary>
/// <param name="Name">As a browser saves it; it says if something was left out.</param>
/// <param name="LeftOut">How many faulty entries are not in it.</param>
public sealed record FormDownload(string Name, string MediaType, byte[] Content, int Entries, int LeftOut);

/// <summary>A format of <see cref="FormExport"/>.</summary>
public sealed record FormFileFormat(string Name, string Extension, string MediaType);

/// <summary>Makes the file of a filled form.</summary>
public static class FormExport
{
    private static readonly FormFileFormat Json = new("json", "json", "application/json");
    private static readonly FormFileFormat Yaml = new("yaml", "yaml", "application/yaml");
    private static readonly FormFileFormat Csv = new("csv", "csv", "text/csv; charset=utf-8; header=present");
    private static readonly FormFileFormat Xlsx = new("xlsx", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
    private static readonly FormFileFormat Markdown = new("markdown", "md", "text/markdown; charset=utf-8; variant=CommonMark");

    /// <summary>Escapes only what JSON wants escaped, since people read the file.</summary>
    private static readonly JsonWriterOptions Writing = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The formats of a form, the programme's own first.</summary>
    public static IReadOnlyList<FormFileFormat> Formats(FormFormat format) => format switch
    {
        FormFormat.Sheet => [Csv, Xlsx, Markdown],
        FormFormat.AsyncApiYaml => [Yaml, Csv, Xlsx, Markdown],
        _ => [Json, Csv, Xlsx, Markdown],
    };

    /// <summary>What is faulty is left out; who calls has seen to it that this is wanted.</summary>
    public static async Task<FormDownload> WriteAsync(FilledForm form, FormFileFormat format, CancellationToken cancel)
    {
        List<FilledEntry> entries = [.. form.Entries.Where(entry => !entry.IsFaulty)];
        var content = new MemoryStream();
        if (format == Json)
            WriteJson(content, FormDocument.Of(form, entries));
        else if (format == Yaml)
            WriteYaml(content, FormDocument.Of(form, entries));
        else if (format == Csv)
            await new FormTable(form, entries).WriteCsvAsync(content, cancel);
        else if (format == Xlsx)
            await new FormTable(form, entries).WriteXlsxAsync(content, cancel);
        else
            await content.WriteAsync(Encoding.UTF8.GetBytes(new FormTable(form, entries).ToMarkdown()), cancel);
        var part = entries.Count == form.Entries.Count ? "" : string.Create(CultureInfo.InvariantCulture, $"-{entries.Count}-of-{form.Entries.Count}");
        return new FormDownload($"{form.Programme.Id}{part}.{format.Extension}", format.MediaType, content.ToArray(), entries.Count, form.Entries.Count - entries.Count);
    }

    private static void WriteJson(Stream output, JsonNode document)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        document.WriteTo(writer);
    }

    private static void WriteYaml(Stream output, JsonNode document)
    {
        using var writer = new StreamWriter(output, new UTF8Encoding(false), leaveOpen: true);
        FormYaml.Write(writer, document);
    }
}
