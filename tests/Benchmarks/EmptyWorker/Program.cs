using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication();
await builder.Build().RunAsync();

/// <summary>A timer, a queue and every path.</summary>
public sealed class Functions
{
    [Function("Tick")]
    public Task TickAsync([TimerTrigger("0 * * * * *")] TimerInfo timer) => Task.CompletedTask;

    [Function("Take")]
    public Task TakeAsync([QueueTrigger("work")] string message) => Task.CompletedTask;

    [Function("Website")]
    public Task AnswerAsync([HttpTrigger(AuthorizationLevel.Anonymous, Route = "{*path}")] HttpRequest request) =>
        request.HttpContext.Response.WriteAsync("{}");
}
