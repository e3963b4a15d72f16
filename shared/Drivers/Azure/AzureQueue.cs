using System.Text;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ContributionIngest.Core.Storage;
using QueueMessage = ContributionIngest.Core.Storage.QueueMessage;

namespace ContributionIngest.Drivers.Azure;

/// <summary>
/// Messages in Azure Queue storage, in base64 as the Functions host expects. If a response is lost, a put, dead-lettering or return may happen twice
/// (delivery is at least once anyway), a receive costs one attempt, and an extension costs the receipt: the message reappears when its time is over.
/// </summary>
internal sealed class AzureQueue(AzureStore store, TimeProvider clock) : IQueue
{
    // The default time to live is seven days.
    private static readonly TimeSpan NeverExpires = TimeSpan.FromSeconds(-1);

    private QueueServiceClient Service => field ??= store.QueueClient();

    private StorageCalls Calls => field ??= new(Service.Uri, clock);

    public async Task PutAsync(string queue, string body, TimeSpan delay, CancellationToken cancel)
    {
        QueueLimits.CheckPut(queue, body, delay);
        var client = Service.GetQueueClient(queue);
        var text = Convert.ToBase64String(Encoding.UTF8.GetBytes(body));
        var answer = await Calls.CallAsync(
            token => client.SendMessageAsync(text, QueueLimits.WholeSeconds(delay), NeverExpires, token),
            QueueErrorCode.QueueNotFound.ToString(),
            token => client.CreateIfNotExistsAsync(cancellationToken: token),
            cancel);
        _ = answer.Value;
    }

    public async Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int count, TimeSpan visibilityTimeout, CancellationToken cancel)
    {
        QueueLimits.CheckReceive(queue, count, visibilityTimeout);
        while (true)
        {
            var received = await ReceiveOnceAsync(queue, count, visibilityTimeout, cancel);
            var messages = received.FindAll(message => message.Attempt <= IQueue.MaximumAttempts || QueueLimits.IsPoison(queue));
            try
            {
                foreach (var message in received.Except(messages))
                    await MoveToPoisonAsync(queue, message, cancel);
            }
            catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException && messages.Count > 0)
            {
                // The good messages are received and hidden; the others come again.
                return messages;
            }

            // Poisoned messages took the places of good ones.
            if (messages.Count > 0 || received.Count == 0)
                return messages;
        }
    }

    public async Task<QueueMessage?> ExtendAsync(string queue, QueueMessage message, TimeSpan visibilityTimeout, CancellationToken cancel)
    {
        QueueLimits.CheckExtend(queue, visibilityTimeout);
        var client = Service.GetQueueClient(queue);
        var answer = await Calls.CallAsync(
            token => client.UpdateMessageAsync(message.Id, message.Receipt, visibilityTimeout: QueueLimits.WholeSeconds(visibilityTimeout), cancellationToken: token), cancel);
        return IsLost(answer.ErrorCode) ? null : message with { Receipt = answer.Value.Value.PopReceipt };
    }

    public async Task<bool> GiveBackAsync(string queue, QueueMessage message, CancellationToken cancel)
    {
        if (await KeepHiddenAsync(queue, message, cancel) is not { } held)
            return false;
        await MoveAsync(queue, held, queue, cancel);
        return true;
    }

    public async Task<bool> DeleteAsync(string queue, QueueMessage message, CancellationToken cancel)
    {
        QueueLimits.CheckQueue(queue);
        var client = Service.GetQueueClient(queue);
        var answer = await Calls.CallAsync(token => client.DeleteMessageAsync(message.Id, message.Receipt, token), cancel);

        // A missing message was deleted by the earlier try.
        if (answer.Repeated && answer.ErrorCode == QueueErrorCode.MessageNotFound)
            return true;
        return !IsLost(answer.ErrorCode) && answer.Value is not null;
    }

    public async Task<bool> DeadLetterAsync(string queue, QueueMessage message, CancellationToken cancel)
    {
        if (await KeepHiddenAsync(queue, message, cancel) is not { } held)
            return false;
        await MoveToPoisonAsync(queue, held, cancel);
        return true;
    }

    public async Task<int> CountAsync(string queue, CancellationToken cancel)
    {
        QueueLimits.CheckQueue(queue);
        var answer = await Calls.CallAsync(Service.GetQueueClient(queue).GetPropertiesAsync, cancel);
        return answer.ErrorCode == QueueErrorCode.QueueNotFound ? 0 : answer.Value.Value.ApproximateMessagesCount;
    }

    public async Task<TimeSpan?> OldestAgeAsync(string queue, CancellationToken cancel)
    {
        QueueLimits.CheckQueue(queue);
        var client = Service.GetQueueClient(queue);
        var answer = await Calls.CallAsync(token => client.PeekMessagesAsync(1, token), cancel);
        if (answer.ErrorCode == QueueErrorCode.QueueNotFound || answer.Value.Value is not [{ InsertedOn: { } put }])
            return null;
        // Both times are from the service's clock.
        return answer.Value.GetRawResponse().Headers.Date is { } now && now > put ? now - put : TimeSpan.Zero;
    }

    private async Task<List<QueueMessage>> ReceiveOnceAsync(string queue, int count, TimeSpan visibilityTimeout, CancellationToken cancel)
    {
        var client = Service.GetQueueClient(queue);
        var answer = await Calls.CallAsync(token => client.ReceiveMessagesAsync(count, QueueLimits.WholeSeconds(visibilityTimeout), token), cancel);
        if (answer.ErrorCode == QueueErrorCode.QueueNotFound)
            return [];
        return [.. answer.Value.Value.Select(m => new QueueMessage(m.MessageId, m.PopReceipt, Decode(m.Body.ToString()), (int)m.DequeueCount))];
    }

    // Checks that the message is still ours, and keeps it so while it is moved.
    private Task<QueueMessage?> KeepHiddenAsync(string queue, QueueMessage message, CancellationToken cancel) =>
        ExtendAsync(queue, message, TimeSpan.FromMinutes(1), cancel);

    private Task MoveToPoisonAsync(string queue, QueueMessage message, CancellationToken cancel) =>
        MoveAsync(queue, message, queue + QueueLimits.PoisonSuffix, cancel);

    // Put before delete, so that the message always exists.
    private async Task MoveAsync(string queue, QueueMessage message, string target, CancellationToken cancel)
    {
        await PutAsync(target, message.Body, TimeSpan.Zero, cancel);
        await DeleteAsync(queue, message, cancel);
    }

    private static bool IsLost(string? code) => code is "MessageNotFound" or "PopReceiptMismatch" or "QueueNotFound" or "InvalidQueryParameterValue";

    // Plain text, put in by hand, is passed on for the receiver to refuse.
    private static string Decode(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : text;
    }
}
