using System.Text;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ContributionIngest.Tests.Support.FunctionsHost.Rpc;

namespace ContributionIngest.Tests.Support.FunctionsHost;

/// <summary>
/// Hands messages of Azure Queue storage to the queue functions of a worker by the rules of the real host: a message that was handled is deleted, one that
/// failed, or whose worker is gone, is hidden for the retry delay, and at the last attempt it is copied to <c>QUEUE-poison</c> and deleted.
/// </summary>
public sealed class QueueListener(FunctionsTestHost host, QueueServiceClient queues, int maxDequeueCount, TimeSpan retryDelay)
{
    private static readonly TimeSpan Hidden = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>Looks once at the queue of each queue function.</summary>
    /// <returns>How many messages there were.</returns>
    public async Task<int> PollAsync(CancellationToken cancel)
    {
        var taken = 0;
        foreach (var function in host.Functions.Where(function => function.Queue is not null))
        {
            var queue = queues.GetQueueClient(function.Queue);
            await queue.CreateIfNotExistsAsync(cancellationToken: cancel);
            foreach (var message in (QueueMessage[])await queue.ReceiveMessagesAsync(16, Hidden, cancel))
            {
                taken++;
                await HandleAsync(function, queue, message, cancel);
            }
        }

        return taken;
    }

    /// <summary>Looks at every queue again and again, less and less often while it is empty, until the worker is gone or the token is cancelled.</summary>
    /// <param name="cancel">Cancels the invocations under way; the answers of the worker are still waited for.</param>
    public Task RunAsync(int batchSize, int newBatchThreshold, TimeSpan longestInterval, CancellationToken cancel) => Task.WhenAll(
        host.Functions.Where(function => function.Queue is not null).Select(function => RunAsync(function, batchSize, newBatchThreshold, longestInterval, cancel)));

    private async Task RunAsync(HostedFunction function, int batchSize, int newBatchThreshold, TimeSpan longestInterval, CancellationToken cancel)
    {
        var queue = queues.GetQueueClient(function.Queue);
        await queue.CreateIfNotExistsAsync(cancellationToken: CancellationToken.None);
        var (handled, interval) = (new List<Task>(), ShortestInterval);
        while (!cancel.IsCancellationRequested && !host.Disconnected.IsCompleted)
        {
            // Not cancellable: messages received unseen would stay hidden.
            QueueMessage[] messages = await queue.ReceiveMessagesAsync(batchSize, Hidden, CancellationToken.None);
            handled.AddRange(messages.Select(message => HandleAsync(function, queue, message, cancel)));
            while (handled.Count > newBatchThreshold)
            {
                var ended = await Task.WhenAny(handled);
                handled.Remove(ended);
                await ended;
            }

            if (messages.Length > 0)
            {
                interval = ShortestInterval;
                continue;
            }

            await Task.WhenAny(host.Disconnected, Task.Delay(interval, TimeProvider.System, cancel));
            interval = interval * 2 < longestInterval ? interval * 2 : longestInterval;
        }

        await Task.WhenAll(handled);
    }

    private async Task HandleAsync(HostedFunction function, QueueClient queue, QueueMessage message, CancellationToken cancel)
    {
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(message.Body.ToString()));
        if (await IsDoneAsync(function, text, message, cancel))
        {
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, CancellationToken.None);
        }
        else if (message.DequeueCount < maxDequeueCount)
        {
            await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, visibilityTimeout: retryDelay, cancellationToken: CancellationToken.None);
        }
        else
        {
            var poison = queues.GetQueueClient(queue.Name + "-poison");
            await poison.CreateIfNotExistsAsync(cancellationToken: CancellationToken.None);
            await poison.SendMessageAsync(message.Body, cancellationToken: CancellationToken.None);
            await queue.DeleteMessageAsync(message.MessageId, message.PopReceipt, CancellationToken.None);
        }
    }

    private async Task<bool> IsDoneAsync(HostedFunction function, string text, QueueMessage message, CancellationToken cancel)
    {
        try
        {
            var answer = await host.RunQueueAsync(function.Name, text, (int)message.DequeueCount, cancel);
            return answer.Result.Status == StatusResult.Types.Status.Success;
        }
        catch (IOException)
        {
            // The worker is gone.
            return false;
        }
    }
}
