using ContributionIngest.Core.Http;
using ContributionIngest.Core.Import;
using ContributionIngest.Core.Model;
using ContributionIngest.Core.People;
using ContributionIngest.Functions.Api.Ledger;
using ContributionIngest.Functions.Api.Pages;
using ContributionIngest.Functions.Security;
using ContributionIngest.Web.Import;
using ContributionIngest.Web.Ledger;

namespace ContributionIngest.Functions.Api.Import;

/// <summary>
/// <c>/import</c>: choose a file, look at what it would do, say what its columns are, import it; and the imports so far with the way back. The file waits in the
/// store meanwhile, and what was chosen travels in the form.
/// </summary>
internal sealed class ImportPages(ImportRequests imports, ImportStore store, WaitingFiles files, PeopleStore people)
{
    private const string Path = "/import";

    /// <summary>The file, and what a form has around it.</summary>
    private const int MaxForm = ImportFile.MaxBytes + (64 * 1024);

    /// <summary>A field for each column of some tables, and the choices.</summary>
    private const int MaxFields = 1000;

    public static void Map(IEndpointRouteBuilder site)
    {
        var tooLarge = new LargestForm(MaxForm, () => Refused(ImportFile.TooLarge, StatusCodes.Status413PayloadTooLarge));
        site.MapGet(Path, (HttpContext context, ImportPages pages) => pages.ListAsync(context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path, (HttpContext context, ImportPages pages) => pages.TakeAsync(context)).Needs(Scope.Write).IsPage().WithFormOptions(multipartBodyLengthLimit: MaxForm).WithMetadata(tooLarge);
        site.MapGet(Path + "/{file}", (string file, HttpContext context, ImportPages pages) => pages.LookAsync(file, context)).Needs(Scope.Write).IsPage();
        site.MapPost(Path + "/{file}", (string file, HttpContext context, ImportPages pages) => pages.DecideAsync(file, context)).Needs(Scope.Write).IsPage().WithFormOptions(valueCountLimit: MaxFields);
        site.MapPost(Path + "/{id}/undo", (string id, HttpContext context, ImportPages pages) => pages.UndoAsync(id, context)).Needs(Scope.Write).IsPage();
    }

    private async Task<IResult> ListAsync(HttpContext context, string? problem = null, int status = StatusCodes.Status200OK)
    {
        var (person, cancel) = (Caller.Of(context).Person, context.RequestAborted);
        return new PageResult<ImportPage>(
            "Import a list",
            (nameof(ImportPage.Batches), await store.ListAsync(person, cancel)),
            (nameof(ImportPage.Zone), await LedgerParameters.ZoneAsync(people, person, cancel)),
            (nameof(ImportPage.Problem), problem))
        { Section = LedgerAddress.Root, IsNarrow = true, Status = status };
    }

    private async Task<IResult> TakeAsync(HttpContext context)
    {
        var form = await PageForm.ReadAsync(context);
        if (form.Files is not [{ Length: > 0 } file, ..])
            return await ListAsync(context, "Choose a file that has something in it.", StatusCodes.Status400BadRequest);
        if (file.Length > ImportFile.MaxBytes)
            return await ListAsync(context, ImportFile.TooLarge, StatusCodes.Status413PayloadTooLarge);
        var content = new byte[file.Length];
        await using (var stream = file.OpenReadStream())
            await stream.ReadExactlyAsync(content, context.RequestAborted);
        var id = await files.PutAsync(Caller.Of(context).Person, content, context.RequestAborted);
        return Results.LocalRedirect($"{Path}/{id}?name={Uri.EscapeDataString(Normaliser.Line(file.FileName, 100) ?? "")}");
    }

    private Task<IResult> LookAsync(string file, HttpContext context) => WithFileAsync(file, context, (content, work) =>
        CheckAsync(context, content, work, new ImportForm(file, Normaliser.Line(context.Request.Query["name"], 100), new ImportOptions())));

    private Task<IResult> DecideAsync(string file, HttpContext context) => WithFileAsync(file, context, async (content, work) =>
    {
        var sent = await PageForm.ReadAsync(context);
        var form = ImportFormReader.Read(file, sent);
        if (sent["do"] != "import")
            return await CheckAsync(context, content, work, form);
        var plan = await imports.RunAsync(context, content, work, (bytes, person, zone, _) =>
            imports.Import.ImportAsync(person, bytes, form.Options, zone, Caller.Of(context).Credential, form.Name, imports.Stopping));
        await files.RemoveAsync(Caller.Of(context).Person, file, imports.Stopping);
        Notices.Leave(context, ImportText.Done(plan.Counts));
        return Results.LocalRedirect(Path);
    });

    private async Task<IResult> CheckAsync(HttpContext context, byte[] content, DocumentWork work, ImportForm form)
    {
        var zone = await LedgerParameters.ZoneAsync(people, Caller.Of(context).Person, context.RequestAborted);
        var plan = await imports.RunAsync(context, content, work, (bytes, person, _, cancel) => imports.Planner.PlanAsync(person, bytes, form.Options, zone, cancel));
        return new PageResult<ImportCheckPage>("What this list would do", (nameof(ImportCheckPage.View), new ImportView(form, plan, zone))) { Section = LedgerAddress.Root };
    }

    private async Task<IResult> WithFileAsync(string file, HttpContext context, Func<byte[], DocumentWork, Task<IResult>> work)
    {
        if (await files.GetAsync(Caller.Of(context).Person, file, context.RequestAborted) is not { } content)
            return await ListAsync(context, "The file is no longer here: one that nobody imports is deleted after a day. Choose it again.", StatusCodes.Status404NotFound);
        using var turn = DocumentWork.Begin(DocumentWork.MaxRequestWait);
        try
        {
            return await work(content, turn);
        }
        catch (ImportRefusedException e)
        {
            return await ListAsync(context, e.Message, StatusCodes.Status422UnprocessableEntity);
        }
        catch (TooBusyException e)
        {
            return await ListAsync(context, e.Message, StatusCodes.Status503ServiceUnavailable);
        }
    }

    private async Task<IResult> UndoAsync(string id, HttpContext context)
    {
        if (await imports.Import.UndoAsync(Caller.Of(context).Person, id, imports.Stopping) is not { } undone)
            return await ListAsync(context, "There is no such import any more. Nothing was changed.", StatusCodes.Status404NotFound);
        Notices.Leave(context, ImportText.Undone(undone));
        return Results.LocalRedirect(Path);
    }

    private static PageResult<ImportPage> Refused(string problem, int status) => new("Import a list", (nameof(ImportPage.Problem), problem)) { Section = LedgerAddress.Root, IsNarrow = true, Status = status };
}
