using Microsoft.Azure.Functions.Worker;

namespace ContributionIngest.Functions.Triggers;

/// <summary>
/// Every HTTP request goes into the one pipeline, whichever function it came by; webhooks have functions of their own, so that the host counts them
/// apart. The host matches routes in the alphabetical order of the functions' names, so the one that takes every path is the last.
/// </summary>
public sealed class Website(HttpPipeline pipeline)
{
    [Function("GitHubWebhook")]
    public Task GitHubWebhookAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "api/webhooks/github/{hook}")] HttpRequest request) =>
        pipeline.RunAsync(request.HttpContext);

    [Function("HubCallback")]
    public Task HubCallbackAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "api/webhooks/websub/{id}")] HttpRequest request) =>
        pipeline.RunAsync(request.HttpContext);

    [Function("Website")]
    public Task RunAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequest request) =>
        pipeline.RunAsync(request.HttpContext);
}
