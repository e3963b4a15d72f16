using System.Globalization;
using Azure.Core;
using ContributionIngest.Core.Ports;

namespace ContributionIngest.Drivers.Azure;

/// <summary>
/// Messages in Azure Queue storage. A put, a dead-lettering or a giving back whose answer was lost may be done twice: delivery is at least once
/// anyway. A lost answer to a receive costs one attempt; one to an extension costs the receipt, and the message comes again when its time is over.
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
        while (true)
        {
            var received = await ReceiveOnce(queue, count, hidden, cancel);
            var messages = received.FindAll(message => message.Attempt <= IQueue.MaximumAttempts || QueueLimits.IsPoison(queue));
            try
            {
                foreach (var message in received.Except(messages))
                    await Bury(queue, message, cancel);
            }
            catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException && messages.Count > 0)
            {
                // Good ones are received and would be forgotten for as long as they are hidden; the others come again.
                return messages;
            }

            // Poisoned messages took places that good ones may wait for.
            if (messages.Count > 0 || received.Count == 0)
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

    public async Task<bool> GiveBack(string queue, QueueMessage message, CancellationToken cancel)
    {
        if (await Hold(queue, message, cancel) is not { } held)
            return false;
        await Move(queue, held, queue, cancel);
        return true;
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
        if (await Hold(queue, message, cancel) is not { } held)
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

    // The extension finds out whether the message is still ours, and keeps it so while it is moved.
    private Task<QueueMessage?> Hold(string queue, QueueMessage message, CancellationToken cancel) =>
        Extend(queue, message, TimeSpan.FromMinutes(1), cancel);

    private Task Bury(string queue, QueueMessage message, CancellationToken cancel) =>
        Move(queue, message, queue + QueueLimits.PoisonSuffix, cancel);

    // First there twice, then once: between the two calls the message is never nowhere.
    private async Task Move(string queue, QueueMessage message, string target, CancellationToken cancel)
    {
        await Put(target, message.Body, TimeSpan.Zero, cancel);
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
