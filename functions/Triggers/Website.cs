using Microsoft.Azure.Functions.Worker;

namespace ContributionIngest.Functions.Triggers;

/// <summary>
/// Passes every HTTP request to the same pipeline. Webhooks have their own functions so that the host counts them separately. The host matches routes
/// in alphabetical order of function names, so the catch-all must come last.
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
