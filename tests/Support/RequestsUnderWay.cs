using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace ContributionIngest.Tests.Support;

/// <summary>Counts the requests that are being worked on, so that a test can wait until those that nobody waits for have ended.</summary>
internal sealed class RequestsUnderWay : IStartupFilter
{
    private readonly Lock gate = new();
    private int count;
    private TaskCompletionSource none = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when none is under way.</summary>
    public Task NoneAsync()
    {
        lock (gate)
            return count == 0 ? Task.CompletedTask : none.Task;
    }

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(async (context, rest) =>
        {
            Begin();
            try
            {
                await rest(context);
            }
            finally
            {
                End();
            }
        });
        next(app);
    };

    private void Begin()
    {
        lock (gate)
        {
            if (count++ == 0)
                none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private void End()
    {
        lock (gate)
        {
            if (--count == 0)
                none.SetResult();
        }
    }
}
