using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using ContributionIngest.Core.Storage;

namespace ContributionIngest.Drivers.Azure;

/// <summary>Block blobs in Azure Blob storage. A put creates a missing container.</summary>
internal sealed class AzureBlobs(AzureStore store, TimeProvider clock) : IBlobs
{
    private BlobServiceClient Service => field ??= store.BlobClient();

    private StorageCalls Calls => field ??= new(Service.Uri, clock);

    public async Task PutAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        _ = (await UploadAsync(container, name, content, new BlobUploadOptions(), cancel)).Value;
    }

    public async Task<bool> PutIfAbsentAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        var absent = new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } };
        var answer = await UploadAsync(container, name, content, absent, cancel);
        if (answer.Status is not (409 or 412))
            return answer.Value is not null;

        // The existing blob may be from our own earlier try, whose response was lost.
        return answer.Repeated && await GetAsync(container, name, cancel) is { } existing && content.Span.SequenceEqual(existing);
    }

    public async Task<byte[]?> GetAsync(string container, string name, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        var client = Service.GetBlobContainerClient(container).GetBlobClient(name);
        var answer = await Calls.CallAsync(client.DownloadContentAsync, cancel);
        return answer.Status == 404 ? null : answer.Value.Value.Content.ToArray();
    }

    public async Task<bool> DeleteAsync(string container, string name, CancellationToken cancel)
    {
        BlobLimits.Check(container, name);
        var client = Service.GetBlobContainerClient(container).GetBlobClient(name);
        var answer = await Calls.CallAsync(token => client.DeleteAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: token), cancel);
        if (answer.Repeated && answer.ErrorCode == BlobErrorCode.BlobNotFound)
            return true;
        return answer.Status != 404 && answer.Value is not null;
    }

    public IAsyncEnumerable<string> ListAsync(string container, string prefix, CancellationToken cancel)
    {
        BlobLimits.CheckList(container, prefix);
        return PagesAsync(Service.GetBlobContainerClient(container), new GetBlobsOptions { Prefix = prefix }, cancel);
    }

    private Task<StorageResult<Response<BlobContentInfo>>> UploadAsync(
        string container, string name, ReadOnlyMemory<byte> content, BlobUploadOptions options, CancellationToken cancel)
    {
        var client = Service.GetBlobContainerClient(container);
        return Calls.CallAsync(
            token => client.GetBlobClient(name).UploadAsync(BinaryData.FromBytes(content), options, token),
            BlobErrorCode.ContainerNotFound.ToString(),
            token => client.CreateIfNotExistsAsync(cancellationToken: token),
            cancel);
    }

    // A page may be short or empty and still have a continuation.
    private async IAsyncEnumerable<string> PagesAsync(BlobContainerClient client, GetBlobsOptions options, [EnumeratorCancellation] CancellationToken cancel)
    {
        string? next = null;
        do
        {
            var start = next;
            var answer = await Calls.CallAsync(
                token => client.GetBlobsAsync(options, token).AsPages(start, BlobLimits.NamesPerPage).FirstAsync(token).AsTask(), cancel);
            if (answer.ErrorCode == BlobErrorCode.ContainerNotFound)
                yield break;
            foreach (var blob in answer.Value.Values)
                yield return blob.Name;
            next = answer.Value.ContinuationToken;
        }
        while (!string.IsNullOrEmpty(next));
    }
}
