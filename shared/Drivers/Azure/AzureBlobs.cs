using System.Globalization;
using System.Runtime.CompilerServices;
using System.Xml;
using Azure.Core;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>Block blobs in Azure Blob storage. Containers are made when a put finds them missing.</summary>
internal sealed class AzureBlobs(StorageService service) : IBlobs
{
    public async Task Put(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        using var answer = await Store(container, name, content, [], cancel);
        if (!answer.IsSuccess)
            throw service.Unexpected(answer);
    }

    public async Task<bool> PutIfAbsent(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        using var answer = await Store(container, name, content, [("If-None-Match", "*")], cancel);
        if (answer.IsSuccess)
            return true;
        if (answer.Status is not (409 or 412))
            throw service.Unexpected(answer);

        // What took the name may be our own earlier try, whose answer was lost.
        return answer.Repeated && await Get(container, name, cancel) is { } there && content.Span.SequenceEqual(there);
    }

    public async Task<byte[]?> Get(string container, string name, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        using var answer = await service.Send(new StorageRequest(RequestMethod.Get, Path(container, name)), cancel);
        if (answer.IsSuccess)
            return answer.Body.ToArray();
        return answer.Status == 404 ? null : throw service.Unexpected(answer);
    }

    public async Task<bool> Delete(string container, string name, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        var request = new StorageRequest(RequestMethod.Delete, Path(container, name)) { Headers = [("x-ms-delete-snapshots", "include")] };
        using var answer = await service.Send(request, cancel);
        if (answer.IsSuccess || (answer.Repeated && answer.ErrorCode == "BlobNotFound"))
            return true;
        return answer.Status == 404 ? false : throw service.Unexpected(answer);
    }

    public IAsyncEnumerable<string> List(string container, string prefix, CancellationToken cancel)
    {
        BlobLimits.CheckList(container, prefix);
        return Pages(container, prefix, cancel);
    }

    private async Task<StorageAnswer> Store(
        string container, string name, ReadOnlyMemory<byte> content, (string Name, string Value)[] condition, CancellationToken cancel)
    {
        var request = new StorageRequest(RequestMethod.Put, Path(container, name))
        {
            Headers = [("x-ms-blob-type", "BlockBlob"), ("Content-Type", "application/octet-stream"), .. condition],
            Body = content,
        };
        for (var made = 0; ; made++)
        {
            var answer = await service.Send(request, cancel);
            if (answer.ErrorCode != "ContainerNotFound" || made == 2)
                return answer;
            answer.Dispose();
            using var created = await service.Send(new StorageRequest(RequestMethod.Put, container + "?restype=container"), cancel);
            if (!created.IsSuccess && created.ErrorCode != "ContainerAlreadyExists")
                throw service.Unexpected(created);
        }
    }

    // A page may be short or empty and still say where the list goes on.
    private async IAsyncEnumerable<string> Pages(string container, string prefix, [EnumeratorCancellation] CancellationToken cancel)
    {
        string? next = null;
        do
        {
            var (names, marker) = await Page(container, prefix, next, cancel);
            foreach (var name in names)
                yield return name;
            next = marker;
        }
        while (next is not null);
    }

    private async Task<(List<string> Names, string? Next)> Page(string container, string prefix, string? marker, CancellationToken cancel)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture, $"{container}?restype=container&comp=list&maxresults={BlobLimits.NamesPerPage}&prefix={Uri.EscapeDataString(prefix)}");
        if (marker is not null)
            path += "&marker=" + Uri.EscapeDataString(marker);
        using var answer = await service.Send(new StorageRequest(RequestMethod.Get, path), cancel);
        if (answer.IsSuccess)
            return ReadPage(answer.Body);
        return answer.ErrorCode == "ContainerNotFound" ? ([], null) : throw service.Unexpected(answer);
    }

    private static (List<string> Names, string? Next) ReadPage(ReadOnlyMemory<byte> body)
    {
        using var xml = XmlReader.Create(
            new MemoryStream(body.ToArray()), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, CheckCharacters = false });
        var names = new List<string>();
        string? next = null;
        while (!xml.EOF)
        {
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "Name" })
                names.Add(ReadName(xml));
            else if (xml is { NodeType: XmlNodeType.Element, LocalName: "NextMarker" })
                next = xml.ReadElementContentAsString();
            else
                xml.Read();
        }

        return (names, string.IsNullOrEmpty(next) ? null : next);
    }

    // A name that XML cannot hold comes with percent signs, and says so.
    private static string ReadName(XmlReader xml)
    {
        var encoded = xml.GetAttribute("Encoded") == "true";
        var name = xml.ReadElementContentAsString();
        return encoded ? Uri.UnescapeDataString(name) : name;
    }

    private static string Path(string container, string name) =>
        container + "/" + string.Join('/', name.Split('/').Select(Uri.EscapeDataString));
}
