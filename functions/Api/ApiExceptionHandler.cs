using ContributionIngest.Core.Http;
using ContributionIngest.Core.Storage;
using Microsoft.AspNetCore.Diagnostics;

namespace ContributionIngest.Functions.Api;

/// <summary>Turns exceptions from endpoints into problem responses; unexpected ones are logged.</summary>
internal sealed partial class ApiExceptionHandler(ILogger<ApiExceptionHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        await Answer(httpContext.Request, exception).ExecuteAsync(httpContext);
        return true;
    }

    private IResult Answer(HttpRequest request, Exception exception)
    {
        switch (exception)
        {
            case ConcurrencyException:
                return Problems.Busy();
            case TooBusyException busy:
                return Problems.TooBusy(busy.Message);
            case StoreUnavailableException:
                return Problems.Unavailable();
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Problems.TooLarge(RawBody.MaxRequestBytes);
            case BadHttpRequestException bad:
                return Problems.Invalid("body", bad.Message);
            default:
                Log.Failed(logger, exception, request.Method);
                return Problems.Failed();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(200, LogLevel.Error, "A {Method} request failed.")]
        public static partial void Failed(ILogger logger, Exception error, string method);
    }
}
