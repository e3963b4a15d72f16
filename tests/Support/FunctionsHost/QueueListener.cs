using System.Text;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using ContributionIngest.Tests.Support.FunctionsHost.Rpc;

namespace ContributionIngest.Tests.Support.FunctionsHost;

/// <summary>
/// Hands messages of Azure Queue storage to the queue functions of a worker by the rules of the real host: a message that was handled is deleted, one that
/// failed is hidden for the retry delay, and at the last attempt it is copied to <c>QUEUE-poison</c> and deleted.
/// </summary>
public sealed class QueueListener(FunctionsTestHost host, QueueServiceClient queues, int maxDequeueCount, TimeSpan retryDelay)
{
    private static readonly TimeSpan Hidden = TimeSpan.FromMinutes(10);

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

    private async Task HandleAsync(HostedFunction function, QueueClient queue, QueueMessage message, CancellationToken cancel)
    {
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(message.Body.ToString()));
        var answer = await host.RunQueueAsync(function.Name, text, (int)message.DequeueCount, cancel);
        if (answer.Result.Status == StatusResult.Types.Status.Success)
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
}
