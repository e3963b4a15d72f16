using System.Globalization;
using Azure.Core;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>
/// Messages in Azure Queue storage. A put or a dead-lettering whose answer was lost may be done twice: delivery is at least once anyway. A lost
/// answer to a receive costs one attempt; one to an extension costs the receipt, and the message comes again when its time is over.
/// </summary>
internal sealed class AzureQueue(StorageService service) : IQueue
{
    public async Task Put(string queue, string body, TimeSpan delay, CancellationToken cancel)
    {
        QueueLimits.CheckPut(queue, body, delay);
        // Without a time to live of its own a message would vanish after seven days.
        var request = new StorageRequest(RequestMethod.Post, $"{queue}/messages?messagettl=-1&visibilitytimeout={Seconds(delay)}")
        {
            Headers = [("Content-Type", "application/xml")],
            Body = QueueXml.Write(body),
        };
        for (var made = 0; ; made++)
        {
            using var answer = await service.Send(request, cancel);
            if (answer.IsSuccess)
                return;
            if (answer.ErrorCode != "QueueNotFound" || made == 2)
                throw service.Unexpected(answer);
            await Create(queue, cancel);
        }
    }

    public async Task<IReadOnlyList<QueueMessage>> Receive(string queue, int count, TimeSpan hidden, CancellationToken cancel)
    {
        QueueLimits.CheckReceive(queue, count, hidden);
        var messages = new List<QueueMessage>();
        while (true)
        {
            var received = await ReceiveOnce(queue, count - messages.Count, hidden, cancel);
            var poisoned = 0;
            foreach (var message in received)
            {
                if (message.Attempt <= IQueue.MaximumAttempts || QueueLimits.IsPoison(queue))
                {
                    messages.Add(message);
                    continue;
                }

                await Bury(queue, message, cancel);
                poisoned++;
            }

            // Poisoned messages took places that good ones may wait for.
            if (poisoned == 0)
                return messages;
        }
    }

    public async Task<QueueMessage?> Extend(string queue, QueueMessage message, TimeSpan hidden, CancellationToken cancel)
    {
        QueueLimits.CheckExtend(queue, hidden);
        var request = new StorageRequest(RequestMethod.Put, $"{Path(queue, message)}&visibilitytimeout={Seconds(hidden)}");
        using var answer = await service.Send(request, cancel);
        if (answer.IsSuccess)
            return message with { Receipt = answer.Header("x-ms-popreceipt") ?? throw service.Unexpected(answer) };
        return IsLost(answer) ? null : throw service.Unexpected(answer);
    }

    public async Task<bool> Delete(string queue, QueueMessage message, CancellationToken cancel)
    {
        QueueLimits.CheckQueue(queue);
        using var answer = await service.Send(new StorageRequest(RequestMethod.Delete, Path(queue, message)), cancel);
        // When the message is gone and an earlier try may have deleted it, it did.
        if (answer.IsSuccess || (answer.Repeated && answer.ErrorCode == "MessageNotFound"))
            return true;
        return IsLost(answer) ? false : throw service.Unexpected(answer);
    }

    public async Task<bool> DeadLetter(string queue, QueueMessage message, CancellationToken cancel)
    {
        // The extension finds out whether the message is still ours, and keeps it so meanwhile.
        if (await Extend(queue, message, TimeSpan.FromMinutes(1), cancel) is not { } held)
            return false;
        await Bury(queue, held, cancel);
        return true;
    }

    public async Task<int> Count(string queue, CancellationToken cancel)
    {
        QueueLimits.CheckQueue(queue);
        using var answer = await service.Send(new StorageRequest(RequestMethod.Get, $"{queue}?comp=metadata"), cancel);
        if (answer.IsSuccess)
            return int.Parse(answer.Header("x-ms-approximate-messages-count") ?? "0", CultureInfo.InvariantCulture);
        return answer.ErrorCode == "QueueNotFound" ? 0 : throw service.Unexpected(answer);
    }

    private async Task<List<QueueMessage>> ReceiveOnce(string queue, int count, TimeSpan hidden, CancellationToken cancel)
    {
        if (count == 0)
            return [];
        var path = string.Create(CultureInfo.InvariantCulture, $"{queue}/messages?numofmessages={count}&visibilitytimeout={Seconds(hidden)}");
        using var answer = await service.Send(new StorageRequest(RequestMethod.Get, path), cancel);
        if (answer.IsSuccess)
            return QueueXml.Read(answer.Body);
        return answer.ErrorCode == "QueueNotFound" ? [] : throw service.Unexpected(answer);
    }

    // First there twice, then once: between the two calls the message is never nowhere.
    private async Task Bury(string queue, QueueMessage message, CancellationToken cancel)
    {
        await Put(queue + QueueLimits.PoisonSuffix, message.Body, TimeSpan.Zero, cancel);
        await Delete(queue, message, cancel);
    }

    private async Task Create(string queue, CancellationToken cancel)
    {
        using var answer = await service.Send(new StorageRequest(RequestMethod.Put, queue), cancel);
        if (!answer.IsSuccess && answer.ErrorCode != "QueueAlreadyExists")
            throw service.Unexpected(answer);
    }

    private static bool IsLost(StorageAnswer answer) =>
        answer.ErrorCode is "MessageNotFound" or "PopReceiptMismatch" or "QueueNotFound" or "InvalidQueryParameterValue";

    private static string Path(string queue, QueueMessage message) =>
        $"{queue}/messages/{Uri.EscapeDataString(message.Id)}?popreceipt={Uri.EscapeDataString(message.Receipt)}";

    private static string Seconds(TimeSpan span) => ((int)QueueLimits.WholeSeconds(span).TotalSeconds).ToString(CultureInfo.InvariantCulture);
}
